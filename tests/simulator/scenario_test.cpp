#include "tests/simulator/scenario.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "tests/simulator/scenario_draw.h"

using namespace simulator;

namespace {

/// Four equal cells and nothing random.
ScenarioOptions four_equal(double soc) {
  ScenarioOptions o;
  o.cells.assign(4, {.capacity_ah = 100, .soc = soc});
  o.charger = {.current_a = 20, .set_v = 13.8, .tail_a = 2, .absorption_s = 7200};
  o.interval_s = 1;
  o.noise_v = o.current_noise_a = 0;
  return o;
}

/// Runs on to the end of the next charge or discharge.
const PhaseEnd& next_end(Scenario& scenario) {
  while (scenario.next()) {
    if (scenario.ended()) return *scenario.ended();
  }
  throw std::runtime_error("the days were over before a phase ended");
}

}  // namespace

TEST_CASE("scenario: every cell holds what went in") {
  Scenario scenario(four_equal(0.5));
  const double before = scenario.bottom_ah(2);
  double sent_ah = 0;
  for (int i = 0; i < 3600; ++i) {
    REQUIRE(scenario.next());
    sent_ah += scenario.current_a() / 3600;
  }
  CHECK(sent_ah == doctest::Approx(20));
  CHECK(scenario.bottom_ah(2) - before == doctest::Approx(20));
}

TEST_CASE("scenario: a leak takes its share from its day on, and nothing else is lost") {
  ScenarioOptions o = four_equal(0.5);
  o.cells[1].leak_a = 0.5;
  o.cells[1].leak_from_s = 1800;
  Scenario scenario(o);
  for (int i = 0; i < 3600; ++i) REQUIRE(scenario.next());
  CHECK(scenario.bottom_ah(0) - scenario.bottom_ah(1) == doctest::Approx(0.25).epsilon(1e-6));
}

TEST_CASE("scenario: the charger holds its voltage and ends at the tail; full together is T = 0") {
  Scenario scenario(four_equal(0.9));
  double highest = 0;
  while (scenario.next() && !scenario.ended()) highest = std::max(highest, scenario.sample().pack_v);
  REQUIRE(scenario.ended());
  const PhaseEnd& end = *scenario.ended();
  CHECK(highest <= 13.81);
  CHECK(highest >= 13.79);
  CHECK(end.outcome == Outcome::charger);
  CHECK(scenario.current_a() < 2);
  CHECK(scenario.current_a() > 1);
  CHECK(end.peak_v == doctest::Approx(3.45).epsilon(0.001));
  for (const double offset : end.offset_ah) CHECK(offset == doctest::Approx(0));
  CHECK(end.usable_ah == doctest::Approx(100));
}

TEST_CASE("scenario: the absorption time and the sunset end a charge too") {
  ScenarioOptions o = four_equal(0.98);
  o.charger.tail_a = 0;
  o.charger.absorption_s = 600;
  Scenario holds(o);
  CHECK(next_end(holds).outcome == Outcome::charger);
  CHECK(holds.current_a() > 0);
  o.charger.source_s = 60;
  Scenario dark(o);
  CHECK(next_end(dark).outcome == Outcome::source);
  CHECK(dark.ended()->t_s == doctest::Approx(59));
}

TEST_CASE("scenario: a runner trips the BMS, and the truth says by how much the others lag") {
  ScenarioOptions o = four_equal(0.9);
  o.cells[2].soc = 0.95;
  Scenario scenario(o);
  const PhaseEnd& end = next_end(scenario);
  CHECK(end.outcome == Outcome::bms);
  CHECK(end.peak_cell == 3);
  CHECK(end.peak_v >= 3.65);
  CHECK(end.peak_v < 3.66);
  CHECK_FALSE(scenario.sample().charge_on);
  CHECK(end.offset_ah[2] == doctest::Approx(0));
  CHECK(end.offset_ah[0] == doctest::Approx(5).epsilon(1e-6));
  CHECK(end.usable_ah == doctest::Approx(95));
  CHECK(scenario.phase() == Phase::rest_full);
  REQUIRE(scenario.next());
  CHECK(scenario.sample().current_a == 0);
  while (!scenario.sample().charge_on && scenario.next()) {
  }
  CHECK(scenario.cell_v(2) < 3.5);
  CHECK(scenario.cell_v(2) > 3.45);
}

TEST_CASE("scenario: down to the end the weak cell is the first empty, and B says so") {
  ScenarioOptions o = four_equal(0.98);
  o.cells[1] = {.capacity_ah = 90, .soc = 1 - 2.0 / 90};
  o.load = {.discharge_a = 30, .steps_most_a = 0, .until_soc = -1, .cutoff_v = 8};
  Scenario scenario(o);
  CHECK(next_end(scenario).phase == Phase::charge);
  const PhaseEnd& end = next_end(scenario);
  CHECK(end.phase == Phase::discharge);
  CHECK(end.outcome == Outcome::bms);
  CHECK(end.peak_cell == 2);
  CHECK(end.peak_v <= 2.5);
  CHECK(end.offset_ah[1] == doctest::Approx(0));
  CHECK(end.offset_ah[0] == doctest::Approx(10).epsilon(1e-6));
  CHECK(end.usable_ah == doctest::Approx(90));

  o.load.cutoff_v = 12;
  Scenario inverter(o);
  next_end(inverter);
  CHECK(next_end(inverter).outcome == Outcome::load);
  o.load.until_soc = 0.5;
  Scenario half(o);
  next_end(half);
  CHECK(next_end(half).outcome == Outcome::user);
  CHECK(half.soc(0) == doctest::Approx(0.5).epsilon(0.02));
}

TEST_CASE("scenario: a passive balancer bleeds all but the lowest, an active one moves charge") {
  ScenarioOptions o = four_equal(0.985);
  o.cells[0].soc = 0.999;
  o.charger.current_a = 2;
  o.bms.balance_a = 1;
  for (const auto kind : {ScenarioBms::Balancer::none, ScenarioBms::Balancer::passive, ScenarioBms::Balancer::active}) {
    o.bms.balancer = kind;
    Scenario scenario(o);
    double sent_ah = 0, moved_ah = 0;
    for (int i = 0; i < 1800; ++i) {
      const bool moving = scenario.sample().balancing != 0;
      REQUIRE((scenario.sample().balancing & ~1U) == 0);
      REQUIRE(scenario.next());
      sent_ah += scenario.current_a() / 3600;
      if (moving) moved_ah += 1.0 / 3600;
    }
    const auto took = [&](int cell) { return scenario.bottom_ah(cell) - (cell == 0 ? 99.9 : 98.5) - sent_ah; };
    if (kind == ScenarioBms::Balancer::none) {
      CHECK(moved_ah == 0);
    } else {
      CHECK(moved_ah > 0.1);
    }
    CHECK(took(0) == doctest::Approx(-moved_ah));
    const double others = took(1) + took(2) + took(3);
    CHECK(others == doctest::Approx(kind == ScenarioBms::Balancer::active ? 0.9 * moved_ah : 0));
  }
}

TEST_CASE("scenario: it rests 20 minutes when full and 10 when empty; the BMS says 100 % from full on, never more") {
  ScenarioOptions o = four_equal(0.9);
  o.load = {.discharge_a = 50, .steps_most_a = 0, .until_soc = 0.8, .cutoff_v = 8};
  Scenario scenario(o);
  const double full_s = next_end(scenario).t_s;
  CHECK(scenario.sample().soc_pct > 90);
  while (scenario.phase() == Phase::rest_full) {
    REQUIRE(scenario.next());
    CHECK(scenario.sample().soc_pct == 100);
    CHECK(scenario.current_a() == 0);
  }
  CHECK(scenario.sample().t_s - full_s == 1200);
  const double empty_s = next_end(scenario).t_s;
  CHECK(scenario.sample().soc_pct == doctest::Approx(80).epsilon(0.02));
  while (scenario.phase() == Phase::rest_empty) REQUIRE(scenario.next());
  CHECK(scenario.sample().t_s - empty_s == 600);

  o.current_offset_a = 30;  // a shunt that counts too much
  Scenario wrong(o);
  while (wrong.next() && !wrong.ended()) REQUIRE(wrong.sample().soc_pct <= 100);
}

TEST_CASE("scenario: loads are met by the charger, by the battery where it holds less; the charger takes nothing") {
  ScenarioOptions o = four_equal(0.5);
  o.load.steps_most_a = 5;
  Scenario charging(o);
  o.charger.set_v = 12;  // below what the cells have
  o.charger.tail_a = -100;
  Scenario held(o);
  bool differs = false;
  for (int i = 0; i < 3600; ++i) {
    REQUIRE(charging.next());
    REQUIRE(held.next());
    REQUIRE((charging.current_a() >= 15 && charging.current_a() <= 20));
    REQUIRE((held.current_a() >= -5 && held.current_a() <= 0));
    differs = differs || held.current_a() < -0.5;
  }
  CHECK(differs);
}

TEST_CASE("scenario: what is measured is the truth with the cell's error, noise and a resolution of 1 mV") {
  ScenarioOptions o = four_equal(0.5);
  o.cells[0].adc_v = 0.004;
  o.noise_v = 0.002;
  o.current_offset_a = 0.5;
  Scenario scenario(o);
  double sum = 0, squares = 0, amps = 0;
  constexpr int n = 5000;
  for (int i = 0; i < n; ++i) {
    REQUIRE(scenario.next());
    const double seen = scenario.sample().cells_v[0], error = seen - scenario.cell_v(0);
    REQUIRE(std::abs(seen * 1000 - std::round(seen * 1000)) < 1e-6);
    sum += error, squares += error * error, amps += scenario.sample().current_a - scenario.current_a();
  }
  CHECK(std::abs(sum / n - 0.004) < 0.0002);
  CHECK(std::abs(std::sqrt(squares / n - sum / n * sum / n) - 0.002) < 0.0002);
  CHECK(amps / n == doctest::Approx(0.5).epsilon(0.02));
}

TEST_CASE("scenario: the same seed is the same pack, another is another") {
  const auto voltages = [](std::uint32_t seed) {
    Scenario scenario(draw_from_grid({}, seed));
    std::vector<double> all;
    for (int i = 0; i < 100 && scenario.next(); ++i) all.push_back(scenario.sample().cells_v[0]);
    return all;
  };
  CHECK(voltages(4) == voltages(4));
  CHECK(voltages(4) != voltages(5));
}

TEST_CASE("scenario: a drawn offset is the truth at the end of the first charge; rest and cycle come after it") {
  const ScenarioKind kind = kind_from_text("offset=2:5");
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    ScenarioOptions o = draw_from_grid(kind, seed);
    Scenario scenario(o);
    const PhaseEnd& end = next_end(scenario);
    CHECK(end.phase == Phase::charge);
    CHECK(end.offset_ah[1] == doctest::Approx(0));
    CHECK(end.offset_ah[0] == doctest::Approx(0.05 * o.capacity_ah).epsilon(0.01));
    CHECK(next_end(scenario).phase == Phase::discharge);
    CHECK(scenario.cycle() == 1);
    next_end(scenario);
    CHECK(scenario.cycle() == 2);
  }
}
