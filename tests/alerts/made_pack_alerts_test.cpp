// The whole way of a reading, from a made pack through the analysis to what its owner is told.
#include <doctest/doctest.h>

#include <set>

#include "daemon/alerts/alerts.h"
#include "tests/analysis/made_pack.h"

using namespace cellwarden;
using simulator::Phase;

namespace {

/// Nearly empty: there 20 pp between cell 2 and the others are 70 mV and more, far from both knees.
simulator::ScenarioOptions on_the_slope() {
  auto o = made::pack(20);
  for (auto& cell : o.cells) cell.soc -= 0.19;
  o.load.until_soc = 0.5;
  return o;
}

struct Told {
  double max_v;  ///< highest cell when it was told
  AlertEvent event;
};

std::vector<Told> told_until(const simulator::ScenarioOptions& o, const AlertSettings& settings, double max_v) {
  made::House house(o);
  Alerts alerts("a", settings);
  std::vector<Told> told;
  house.run_until([&] {
    const Moment& now = house.analysis.moment();
    alerts.on_reading(house.reading, house.analysis.insight(), now, house.analysis.limits());
    for (auto& event : alerts.take_events()) told.push_back({now.v_max, std::move(event)});
    return now.v_max > max_v;
  });
  return told;
}

AlertSettings own(const char* where) {
  AlertSettings settings;
  settings.cell_delta_mv = 40, settings.cell_delta_where = where;
  return settings;
}

}  // namespace

TEST_CASE("plateau: 70 mV there raise nothing, built-in or the owner's, unless he said any") {
  CHECK(told_until(on_the_slope(), own("knee"), 3.37).empty());
  CHECK(told_until(on_the_slope(), own("rest"), 3.37).empty());
  const auto any = told_until(on_the_slope(), own("any"), 3.37);
  REQUIRE_FALSE(any.empty());
  CHECK(any[0].event.alert.kind == AlertKind::cell_delta);
  CHECK(any[0].event.alert.cell == 2);
  CHECK(*any[0].event.alert.value > 50);
}

TEST_CASE("knee: the same pack raises there, names the cell, and not before") {
  const auto told = told_until(on_the_slope(), own("knee"), 3.645);
  std::set<AlertKind> kinds;
  for (const Told& each : told) {
    CHECK(each.event.raised);
    CHECK(each.max_v > 3.39);
    CHECK(each.event.alert.cell == 2);
    kinds.insert(each.event.alert.kind);
  }
  CHECK(kinds.contains(AlertKind::cell_delta));
  CHECK(kinds.contains(AlertKind::charge_cut_by_bms));
  CHECK(kinds.contains(AlertKind::cell_near_ovp));
  CHECK(kinds.size() == told.size());  // each once
}

TEST_CASE("a balanced pack has nothing to tell in three days") {
  CHECK(told_until(made::pack(), own("knee"), 4).empty());
}
