// Days made by hand: offsets as closed charges would bring them.
#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "daemon/analysis/drift_trend.h"
#include "daemon/analysis/memory.h"
#include "daemon/analysis/terms.h"

using namespace cellwarden;

namespace {

constexpr double capacity_ah = 100;

/// A pack of eight whose cells lie about where they are put.
struct Days {
  std::mt19937 random{7};
  std::normal_distribution<double> noise{0, 0.05};
  Drift drift;
  int day = 0;

  /// One charge a day: `behind` in pp per cell. NaN: that cell did not cross; then at least `bound` is missing.
  void charge(Cells behind, double bound = absent, std::size_t cells = 8) {
    Offsets top;
    top.time_s = ++day * 86400.0;
    for (std::size_t i = 0; i < cells; ++i) {
      Offset& o = top.cells[i];
      o.time_s = top.time_s;
      if (known(behind[i])) {
        o.src = 2, o.ah = behind[i] + noise(random);
      } else {
        o.src = -1, o.at_least = bound;
      }
    }
    drift.learn(day, top, cells, capacity_ah);
  }
  /// So many charges, before each of which the cell lost a tenth of a per cent.
  void leak(int charges, Cells& today, std::size_t cell) {
    for (int i = 0; i < charges; ++i) {
      today[cell] += 0.1;
      charge(today);
    }
  }
  int standing(std::size_t cell) const { return drift.cells[cell].standing; }
  int healthy_said(std::size_t but) const {
    int all = 0;
    for (std::size_t i = 0; i < 8; ++i) all += i != but && standing(i) > 0;
    return all;
  }
};

constexpr Cells usual = {0.0, 0.3, 0.1, 0.5, 0.2, 0.4, 0.6, 0.2};

}  // namespace

TEST_CASE("drift: a point keeps its kind and a hundredth of a percent, whatever its neighbours in the word are") {
  DriftRow row;
  row.set(4, {PointKind::crossed, -12.34});
  row.set(5, {PointKind::bound, 80});
  row.set(7, {PointKind::aligned, 0.01});
  CHECK(row.at(4).pp == doctest::Approx(-12.34));
  CHECK(row.at(5).kind == PointKind::bound);
  CHECK(row.at(5).pp == doctest::Approx(80));
  CHECK(row.at(6).kind == PointKind::none);
  CHECK(row.at(7).pp == doctest::Approx(0.01));
  row.set(5, {});
  CHECK(row.at(5).kind == PointKind::none);
  CHECK(row.at(4).kind == PointKind::crossed);
}

TEST_CASE("drift: the slope is the middle of all pairs, and one wild point does not move it") {
  Series series;
  for (int i = 0; i < 12; ++i) series.add(2.0 * i, 0.1 * i);
  series.pp[4] = 5;
  CHECK(trend_of(series).pp_day == doctest::Approx(0.05));
  CHECK(is_drift(trend_of(series), 8, 0.25));
  for (std::size_t i = 0; i < 12; ++i) series.pp[i] = i % 2 == 0 ? 0.3 : 0.2;
  CHECK_FALSE(is_drift(trend_of(series), 8, 0.01));
}

TEST_CASE("drift: healthy cells say nothing over two months, though now one and now another is the first to be full") {
  Days days;
  for (int i = 0; i < 60; ++i) {
    Cells today = usual;
    today[static_cast<std::size_t>(i % 8)] = absent;  // another one is missing every day
    days.charge(today, 0.2);
  }
  CHECK(days.healthy_said(99) == 0);
  CHECK(days.drift.cells[3].points >= 50);
  CHECK(std::abs(days.drift.cells[3].pp_day) < 0.005);
}

TEST_CASE("drift: a cell that loses a tenth of a percent a day is named, alone, and by how much") {
  Days days;
  for (int i = 0; i < 20; ++i) {
    Cells today = usual;
    today[5] += 0.1 * i;
    days.charge(today);
  }
  CHECK(days.standing(5) == 2);
  CHECK(days.healthy_said(5) == 0);
  CHECK(days.drift.cells[5].pp_day == doctest::Approx(0.1).epsilon(0.1));
}

TEST_CASE("drift: a cell that no longer gets to the knee is named by what it surely lacks") {
  Days days;
  for (int i = 0; i < 8; ++i) days.charge(usual);
  Cells without = usual;
  without[2] = absent;
  days.charge(without, 0.3);  // no more than it has lacked before: the charge was short
  days.charge(without, 0.3);
  days.charge(without, 0.3);
  CHECK(days.standing(2) == 0);
  for (int i = 0; i < 3; ++i) days.charge(without, 1.4);
  CHECK(days.standing(2) == 2);
  CHECK(days.healthy_said(2) == 0);
}

TEST_CASE("drift: the pace of a cell that comes to no crossing any more is the last that was measured, with its age") {
  Days days;
  Cells today = usual;
  days.leak(20, today, 5);
  today[5] = absent;
  Memory memory;
  memory.cells = 8;
  Terms terms{PackSettings{}};
  terms.capacity_ah = capacity_ah;
  Insight insight;
  const auto said = [&] {
    memory.drift = days.drift, memory.clock_s = days.day * 86400.0;
    for (auto* list :
         {&insight.drift_pp_day, &insight.drift_measured_days_ago, &insight.equivalent_leak_ma, &insight.days_to_alarm})
      list->resize(8);
    insight.drift_significant.resize(8), insight.drift_suspect.resize(8);
    say_drift(terms, memory, insight);
  };
  said();
  CHECK(insight.drift_measured_days_ago[5].value == 0);
  const double pace = insight.drift_pp_day[5].value.value();
  CHECK(pace == doctest::Approx(0.1).epsilon(0.1));
  for (int i = 0; i < 100; ++i) days.charge(today, 2 + 0.1 * i);
  CHECK(days.drift.cells[5].points == 0);
  said();
  CHECK(insight.drift_significant[5].value == true);
  CHECK(insight.drift_pp_day[5].value == doctest::Approx(pace).epsilon(0.05));
  CHECK(insight.drift_pp_day[5].confidence < 0.5);
  CHECK(insight.drift_measured_days_ago[5].value == 100);
  CHECK(insight.equivalent_leak_ma[5].value == doctest::Approx(100 * pace / 100 / 24 * 1000).epsilon(0.05));
  CHECK_FALSE(insight.days_to_alarm[5].value);
  CHECK_FALSE(insight.drift_measured_days_ago[2].value.value_or(0) > 0);

  Days never;  // it was gone before anything was measured: no pace is made up
  for (int i = 0; i < 4; ++i) never.charge(usual);
  Cells without = usual;
  without[5] = absent;
  for (int i = 0; i < 10; ++i) never.charge(without, 2);
  days.drift = never.drift;
  said();
  CHECK(insight.drift_significant[5].value == true);
  CHECK_FALSE(insight.drift_pp_day[5].value);
  CHECK_FALSE(insight.equivalent_leak_ma[5].value);
}

TEST_CASE("drift: a cell whose crossings end without a word is only suspected, and no longer so with the next") {
  Days days;
  for (int i = 0; i < 4; ++i) days.charge(usual);
  Cells without = usual;
  without[6] = absent;
  for (int i = 0; i < 8; ++i) days.charge(without, 0.8);
  CHECK(days.standing(6) == 1);
  days.charge(usual);
  CHECK(days.standing(6) == 0);
}

TEST_CASE("drift: a healthy cell that charges no longer get to, for another ends them before, is not suspected") {
  Days days;
  for (int i = 0; i < 20; ++i) days.charge(usual);
  Cells without = usual;
  without[6] = absent;  // the last of the healthy ones
  for (int i = 0; i < 30; ++i) days.charge(without, 0.1);
  CHECK(days.standing(6) == 0);
}

TEST_CASE("drift: it is over when sixteen charges show no slope") {
  Days days;
  Cells today = usual;
  days.leak(15, today, 1);
  CHECK(days.standing(1) == 2);
  for (int i = 0; i < 8; ++i) days.charge(today);
  CHECK(days.standing(1) == 2);
  for (int i = 0; i < 40; ++i) days.charge(today);
  CHECK(days.standing(1) == 0);
}

TEST_CASE("drift: balancing by hand breaks the series; what was before counts no more") {
  Days days;
  Cells apart = usual;
  apart[1] = 3, apart[3] = 5, apart[6] = 4;
  for (int i = 0; i < 12; ++i) days.charge(apart);
  CHECK_FALSE(days.drift.broken);
  for (int i = 0; i < 3; ++i) days.charge(usual);
  CHECK(days.drift.broken);
  CHECK(days.drift.points.size() == 3);
  CHECK(days.healthy_said(99) == 0);
  for (int i = 0; i < 9; ++i) days.charge(usual);
  CHECK_FALSE(days.drift.broken);
}

TEST_CASE("drift: two charges of one day are one point, the one in which more cells crossed") {
  Days days;
  days.charge(usual);
  Offsets short_charge;
  short_charge.time_s = 86400 + 3600;
  for (std::size_t i = 0; i < 3; ++i) short_charge.cells[i] = {.ah = 9, .time_s = short_charge.time_s, .src = 2};
  days.drift.learn(1.2, short_charge, 8, capacity_ah);
  CHECK(days.drift.points.size() == 1);
  CHECK(days.drift.points.row(0).count(PointKind::crossed, 8) == 8);
  for (int i = 0; i < 100; ++i) days.charge(usual);
  CHECK(days.drift.points.size() == DriftPoints::most_rows);
}

TEST_CASE("drift: it outlives a restart") {
  Memory memory;
  memory.cells = 8;
  Days days;
  for (int i = 0; i < 20; ++i) {
    Cells today = usual;
    today[5] += 0.1 * i;
    days.charge(today);
  }
  memory.drift = days.drift;
  const auto restored = restore_memory(save_memory(memory));
  REQUIRE(restored);
  CHECK(restored->drift.cells[5].standing == 2);
  CHECK(restored->drift.points.row(19).at(5).pp == doctest::Approx(days.drift.points.row(19).at(5).pp));
}
