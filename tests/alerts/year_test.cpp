// A year of one pack: dull days, a cell that begins to leak, a loose bus bar that is tightened, a winter that never
// fills it. What its owner is told, and when; and that the advice stands still.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "daemon/alerts/alerts.h"
#include "tests/analysis/score_pack.h"
#include "tests/simulator/scenario_draw.h"

using namespace cellwarden;

namespace {

struct Told {
  double day;
  AlertEvent event;
};

struct Year {
  Year(int days, double interval_s, std::uint32_t seed)
      : options(simulator::draw_daily(simulator::kind_from_text("year"), seed,
                                      {.cells = 8, .interval_s = interval_s, .days = static_cast<double>(days)})),
        share(days / 365.0) {
    simulator::Scenario scenario(options);
    Analysis analysis(score::settings_of(options));
    Alerts alerts("year", {});
    analysis.on_limits(score::limits_of(options));
    Reading reading;
    while (scenario.next()) {
      score::fill(reading, scenario.sample());
      analysis.on_reading(reading);
      alerts.on_reading(reading, analysis.insight(), analysis.moment(), analysis.limits());
      const double day = scenario.sample().t_s / 86400;
      for (auto& event : alerts.take_events()) told.push_back({day, std::move(event)});
      const std::string& advice = analysis.insight().advice;
      if (advised.empty() || advised.back().second != advice) advised.emplace_back(day, advice);
    }
    last = analysis.insight();
  }
  /// Days on which it came or went, for that cell (0: of the pack).
  std::vector<double> days_of(AlertKind kind, bool raised, int cell = 0) const {
    std::vector<double> days;
    for (const Told& each : told) {
      const Alert& alert = each.event.alert;
      if (alert.kind == kind && each.event.raised == raised && alert.cell.value_or(0) == cell) days.push_back(each.day);
    }
    return days;
  }
  /// A day of the whole year's plan in this one.
  double at(double day) const { return day * share; }

  simulator::ScenarioOptions options;
  double share;
  Insight last;
  std::vector<Told> told;
  std::vector<std::pair<double, std::string>> advised;
};

}  // namespace

TEST_CASE(
    "year: the leaking cell, the loose bus bar and the winter are told, each in its time, and the advice stands") {
  const bool whole = std::getenv("CELLWARDEN_LONG") != nullptr;
  const Year year(whole ? 365 : 120, whole ? 30 : 60, 2);

  // The bus bar: known within days, over within three weeks of being tightened.
  constexpr int loose = simulator::year_loose_cell, leaking = simulator::year_leaking_cell;
  const auto loosened = year.days_of(AlertKind::resistance, true, loose);
  const auto tight = year.days_of(AlertKind::resistance, false, loose);
  REQUIRE(loosened.size() == 1);
  REQUIRE(tight.size() == 1);
  CHECK(loosened[0] < 7);
  CHECK(tight[0] > year.at(200));
  CHECK(tight[0] < year.at(200) + 21);

  const auto drifts = year.days_of(AlertKind::drift, true, leaking);
  REQUIRE_FALSE(drifts.empty());
  CHECK(drifts[0] > year.at(100));
  CHECK(drifts[0] < year.at(100) + 25);
  for (const Told& each : year.told) {
    const Alert& alert = each.event.alert;
    if (alert.kind == AlertKind::drift || alert.kind == AlertKind::drift_suspect) CHECK(alert.cell == leaking);
    if (alert.kind == AlertKind::resistance) CHECK(alert.cell == loose);
  }

  CHECK(drifts.size() == 1);
  std::size_t radical = 0;
  for (const Told& each : year.told) radical += each.event.alert.kind == AlertKind::cell_delta_radical;
  CHECK(radical <= 1);
  // What it loses is still known when it has long not come to the knee.
  const auto& pace = year.last.drift_pp_day[leaking - 1].value;
  REQUIRE(pace);
  CHECK(*pace == doctest::Approx(0.08).epsilon(0.3));
  CHECK(year.last.drift_measured_days_ago[leaking - 1].value.value_or(0) > 0);

  const auto winter = year.days_of(AlertKind::need_full_charge, true);
  const auto spring = year.days_of(AlertKind::need_full_charge, false);
  REQUIRE(winter.size() == 1);
  REQUIRE(spring.size() == 1);
  CHECK(winter[0] > year.at(275) + 10);
  CHECK(winter[0] < year.at(275) + 15);
  CHECK(spring[0] > year.at(335));
  CHECK(spring[0] < year.at(335) + 7);

  const auto advised = [&](const char* words) {
    return std::ranges::any_of(year.advised, [&](const auto& said) { return said.second.starts_with(words); });
  };
  CHECK(advised("Cell 4 has about "));
  CHECK(advised("Cell 7 loses charge"));
  CHECK(year.advised.size() <= 12);
  for (const auto& [day, text] : year.advised) CHECK(text.size() < 255);
}
