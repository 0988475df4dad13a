// What the balancer does, and what follows of it, worked out by hand.
#include <doctest/doctest.h>

#include "daemon/analysis/balance_advice.h"
#include "daemon/analysis/balance_time.h"

using namespace cellwarden;

namespace {

constexpr double hour = 3600, day = 24 * hour;

/// Four LFP cells of 100 Ah; cell 1 is the first full, the others are `behind` it.
struct Pack {
  Terms terms{[] {
    PackSettings settings;
    settings.chemistry = "lfp";
    settings.capacity_ah = 100;
    return settings;
  }()};
  Memory memory;
  Insight insight;
  Reading reading;

  explicit Pack(std::array<double, 4> behind = {0, 4, 4, 4}) {
    memory.cells = 4;
    memory.top.seen = true;
    for (std::size_t i = 0; i < 4; ++i) memory.top.cells[i] = {.ah = behind[i], .src = 2};
    memory.top.spread_ah = *std::max_element(behind.begin(), behind.end());
    each_output(insight, []<class T>(std::string_view, T& output) {
      if constexpr (requires { output.resize(4); }) output.resize(4);
    });
  }
  /// Whole days in which the cells stand at `v` for so many hours.
  void live(int days, double hours, std::array<double, 4> v, double current_a = 2) {
    for (int d = 0; d < days; ++d) {
      for (int minute = 0; minute < 24 * 60; ++minute) {
        memory.clock_s += 60;
        const std::array<double, 4> night{3.30, 3.30, 3.30, 3.30};
        const bool now = minute < hours * 60;
        memory.balancing.update(terms, reading, now ? v : night, now ? current_a : 0, 60, memory.clock_s);
      }
    }
    memory.balancing.update(terms, reading, v, 0, 0, memory.clock_s);
  }
  void say() {
    insight.offset_top_spread_pct = Output<double>::known(memory.top.spread_ah, 1);
    say_balance_time(terms, memory, insight);
    say_balance_advice(terms, memory, insight);
  }
};

}  // namespace

TEST_CASE("balance time: a passive board drains the high cell for as long as it is seen above the start") {
  Pack pack;
  pack.terms.settings.balancer = {"passive", 0.1, 3.40, 0.010};
  pack.live(3, 2, {3.45, 3.40, 3.40, 3.40});
  pack.say();
  CHECK(*pack.insight.tau_h_day[0].value == doctest::Approx(2).epsilon(0.02));
  CHECK(*pack.insight.tau_h_day[1].value == 0);
  // 4 Ah behind, 1 Ah is near enough: 3 Ah at 0.1 A, two hours a day, seven tenths of it real.
  CHECK(*pack.insight.balance_days.value == doctest::Approx(3 / (0.1 * 2 * 0.7)).epsilon(0.02));
  CHECK(*pack.insight.balance_days_least.value == doctest::Approx(*pack.insight.balance_days.value * 0.5));
  CHECK(*pack.insight.balance_days_most.value == doctest::Approx(*pack.insight.balance_days.value * 2.5));
  CHECK(pack.insight.let_bms_balance.value == true);
  CHECK(pack.insight.top_balance.value == false);
}

TEST_CASE("balance time: the BMS's own word on which cells it drains wins over what its settings would have it do") {
  Pack pack;
  pack.reading.balancing = true;
  pack.reading.balancing_cells = std::vector{1};
  pack.live(3, 0, {});
  pack.say();
  CHECK(*pack.insight.tau_h_day[0].value == doctest::Approx(24).epsilon(0.02));
  pack.reading.balancing = false;
  Pack idle;
  idle.reading.balancing = false;
  idle.live(3, 5, {3.5, 3.4, 3.4, 3.4});
  idle.say();
  CHECK(*idle.insight.tau_h_day[0].value == 0);
}

TEST_CASE("balance time: learned from what came of it, whatever current the balancer is sold with") {
  Pack pack({0, 20, 20, 20});
  pack.terms.settings.balancer = {"active", 2.0, 3.40, 0.010};
  pack.live(6, 1, {3.45, 3.40, 3.40, 3.40});
  for (int d = 0; d < 6; ++d) {  // 1 Ah a day, of 2 A for an hour
    pack.memory.top.time_s = d * day;
    pack.memory.top.spread_ah = 25 - d;
    pack.memory.balancing.learn(pack.memory.top);
  }
  pack.say();
  CHECK(*pack.insight.balance_days.value == doctest::Approx(19 / 1.0).epsilon(0.03));
}

TEST_CASE("balance time: never, where it never starts or the cells drift faster than it works") {
  Pack low;
  low.live(3, 6, {3.39, 3.33, 3.33, 3.33});
  low.say();
  CHECK(low.insight.balance_never.value == true);
  CHECK(low.insight.balance_never.reason == Reason::never_above_start);
  CHECK_FALSE(low.insight.balance_days.value);

  Pack losing;
  losing.live(6, 1, {3.45, 3.40, 3.40, 3.40});
  for (int d = 0; d < 6; ++d) {
    losing.memory.top.time_s = d * day;
    losing.memory.top.spread_ah = 4 + 0.1 * d;
    losing.memory.balancing.learn(losing.memory.top);
  }
  losing.say();
  CHECK(losing.insight.balance_never.value == true);
  CHECK(losing.insight.balance_never.reason == Reason::drift_exceeds_balancer);
  CHECK(losing.insight.top_balance.value == true);
}

TEST_CASE("balance time: nothing is said before two days, and a balanced pack needs none") {
  Pack young;
  young.live(1, 2, {3.45, 3.40, 3.40, 3.40});
  young.say();
  CHECK(young.insight.balance_days.reason == Reason::too_few_points);
  Pack balanced({0, 0.5, 0.9, 0.2});
  balanced.say();
  CHECK(balanced.insight.balance_days.value == 0);
  CHECK(balanced.insight.balance_never.value == false);
}

TEST_CASE("balancer: at work on the plateau, or while much current flows, is noticed") {
  Pack pack;
  pack.reading.balancing = true;
  pack.live(2, 24, {3.34, 3.33, 3.33, 3.33}, 5);
  pack.say();
  CHECK(pack.insight.balancer_on_plateau.value == true);
  CHECK(pack.insight.balancer_at_high_current.value == false);
  pack.live(1, 24, {3.50, 3.45, 3.45, 3.45}, 30);
  pack.say();
  CHECK(pack.insight.balancer_at_high_current.value == true);

  Pack quiet;
  quiet.terms.settings.balancer.start_v = 3.30;  // it will
  quiet.say();
  CHECK(quiet.insight.balancer_on_plateau.value == true);
  CHECK_FALSE(quiet.insight.balancer_at_high_current.value);
}

TEST_CASE("balance advice: by hand where cells are far apart, equalised first where they are radically so") {
  Pack pack({0, 6, 1, 1});
  pack.say();
  CHECK(pack.insight.top_balance.value == true);
  CHECK(pack.insight.equalise_first.value == false);
  CHECK(pack.insight.capacity_test_valid.value == false);
  CHECK(pack.insight.top_balance_quality.value == TopBalanceQuality::poor);
  pack.insight.pack_class = Output<PackClass>::known(PackClass::mismatch);
  pack.say();
  CHECK(pack.insight.top_balance.value == false);  // balancing gives back nothing that cells do not have

  Pack radical({0, 60, 1, 1});
  radical.say();
  CHECK(radical.insight.equalise_first.value == true);
  CHECK(*radical.insight.equalise_hours.value > 100);  // on the plateau a tenth of a volt drives a tenth of an ampere
}

TEST_CASE("balance advice: a good top balance is one where the cells also settle alike") {
  Pack pack({0, 0.1, 0.2, 0.1});
  pack.say();
  CHECK(pack.insight.top_balance_quality.value == TopBalanceQuality::good);
  SegmentFacts charge{.cells = 4};
  charge.peak_u = {3.50, 3.50, 3.50, 3.50};
  charge.rest_sum = {10 * 3.45, 10 * 3.45, 10 * 3.40, 10 * 3.45};
  charge.rest_count = 10;
  pack.memory.usage.learn(charge);
  pack.say();
  CHECK(*pack.insight.rest_drop_mv[2].value == doctest::Approx(100));
  CHECK(pack.insight.top_balance_quality.value == TopBalanceQuality::fair);
}

TEST_CASE("balance advice: the kind of balance follows the use") {
  Pack pack;
  pack.reading.soc_pct = 90;
  pack.memory.usage.update(pack.reading, 6 * day);
  pack.say();
  CHECK_FALSE(pack.insight.suggested_balance_kind.value);
  pack.memory.usage.update(pack.reading, 2 * day);
  pack.say();
  CHECK(pack.insight.suggested_balance_kind.value == BalanceKind::top);
  pack.reading.soc_pct = 10;
  pack.memory.usage.update(pack.reading, 4 * day);
  pack.say();
  CHECK(pack.insight.suggested_balance_kind.value == BalanceKind::bottom);
}
