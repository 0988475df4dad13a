#include "tests/simulator/scenario_draw.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/simulator/keys.h"

using namespace simulator;

TEST_CASE("scenario: one cycle a day, and a leak shows from its day on") {
  ScenarioOptions o = draw_daily(kind_from_text("leak=3:0.2:4"), 2, {.cells = 4, .interval_s = 60, .days = 10});
  Scenario scenario(o);
  std::vector<double> lag;
  int charges = 0;
  while (scenario.next()) {
    if (!scenario.ended() || scenario.ended()->phase != Phase::charge) continue;
    ++charges;
    lag.push_back(scenario.ended()->offset_ah[2] - scenario.ended()->offset_ah[0]);
  }
  CHECK(charges == 10);
  CHECK(std::abs(lag[3] - lag[0]) < 0.1);
  CHECK(std::abs((lag[9] - lag[4]) / 5 - 0.002 * 280) < 0.03);
}

TEST_CASE("scenario: kinds are read whole or refused") {
  const ScenarioKind leak = kind_from_text("leak=7:0.05:20");
  CHECK(leak.what == ScenarioKind::What::leak);
  CHECK(leak.cell == 7);
  CHECK(leak.amount == 0.05);
  CHECK(leak.from_day == 20);
  CHECK(kind_from_text("balanced").what == ScenarioKind::What::balanced);
  CHECK(kind_from_text("offset=2:-5").amount == -5);
  for (const char* wrong :
       {"", "offset", "offset=2", "offset=2:x", "offset=2:3:4", "weak=1:5,", "balanced=1", "year=1", "odd=1:2"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(kind_from_text(wrong), BadOption);
  }
  CHECK_THROWS_AS(draw_daily(kind_from_text("weak=5:10"), 1, {.cells = 4}), BadOption);
  CHECK_THROWS_AS(draw_daily(kind_from_text("year"), 1, {.cells = 4}), BadOption);
}

TEST_CASE("scenario: in its winter the sun fills no pack, and a tightened bus bar has the others' resistance") {
  const ScenarioOptions o = draw_daily(kind_from_text("year"), 2, {.cells = 8, .interval_s = 60, .days = 36.5});
  Scenario scenario(o);
  int full_in_winter = 0, full_before = 0, dull = 0;
  while (scenario.next()) {
    const PhaseEnd* end = scenario.ended();
    if (!end || end->phase != Phase::charge) continue;
    const bool winter = end->t_s > 28.5 * 86400 && end->t_s < 33.5 * 86400, full = end->outcome != Outcome::source;
    full_in_winter += winter && full, full_before += end->t_s < 27 * 86400 && full;
    dull += end->t_s < 27 * 86400 && !full;
  }
  CHECK(full_in_winter == 0);
  CHECK(full_before > 15);
  CHECK(dull > 0);
  const ScenarioCell& loose = o.cells[year_loose_cell - 1];
  CHECK(std::abs(loose.r0_ohm - 2.5 * loose.torqued_ohm) < 1e-9);
}
