// The formulas of cell-analytics.md 20, each against a value worked out by hand.
#include "tests/simulator/cell.h"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

using namespace simulator;

TEST_CASE("ocv: the tables' points, and never falling between them") {
  CHECK(ocv(Chemistry::lfp, 0.5) == doctest::Approx(3.291));
  CHECK(ocv(Chemistry::lfp, 1.0) == doctest::Approx(3.600));
  CHECK(ocv(Chemistry::nmc, 0.0) == doctest::Approx(3.000));
  CHECK(ocv(Chemistry::nmc, 0.5) == doctest::Approx(3.680));
  CHECK(ocv(Chemistry::nmc, 1.0) == doctest::Approx(4.200));
  CHECK(ocv(Chemistry::lto, 0.2) == doctest::Approx(2.200));
  CHECK(ocv(Chemistry::lto, 1.0) == doctest::Approx(2.780));
  for (const Chemistry chemistry : {Chemistry::lfp, Chemistry::nmc, Chemistry::lto}) {
    double before = ocv(chemistry, 0);
    for (double soc = 0; soc <= 1.012; soc += 0.0005) {
      CHECK(ocv(chemistry, soc) >= before);
      before = ocv(chemistry, soc);
    }
  }
}

TEST_CASE("cell: current lifts the voltage at once by R0, and in time by R1") {
  Cell cell;
  CHECK(cell.voltage(20) == doctest::Approx(3.291 + 20 * 0.0006));
  cell.step(20, 0, 60);  // one tau
  const double g = 1 + 2 * std::exp(-0.5 / 0.012) + 1.5 * std::exp(-0.5 / 0.02);
  CHECK(cell.rc_v == doctest::Approx((1 - std::exp(-1.0)) * 20 * 0.00024 * g));
}

TEST_CASE("cell: near full the RC is slower to carry, g(0.988) = 1 + 2/e") {
  Cell cell{.soc = 0.988};
  cell.step(10, 0, 1e6 / 1e3);  // long against tau, short against the capacity
  CHECK(cell.rc_v == doctest::Approx(10 * 0.00024 * (1 + 2 * std::exp(-1.0))).epsilon(0.001));
}

TEST_CASE("cell: charge goes in by ampere-hours, less what leaks, plus what the balancer moves") {
  Cell cell{.leak_a = 0.5};
  for (int i = 0; i < 3600; ++i) cell.step(10, -1, 1);
  CHECK(cell.soc == doctest::Approx(0.5 + (10 - 1 - 0.5) / 100));
  Cell idle{.leak_a = 0.01};
  for (int hour = 0; hour < 1000; ++hour) idle.step(0, 0, 3600);
  CHECK(idle.soc == doctest::Approx(0.5 - 0.1));  // 10 mA for 1000 h of 100 Ah
}

TEST_CASE("cell: hysteresis turns with 4 % of charge, up to 8 mV for LFP and 2 mV for the others") {
  Cell cell;
  cell.step(40, 0, 3600 * 0.02 * 100 / 40);  // 2 % of the capacity: half of the width
  CHECK(cell.hysteresis == doctest::Approx(0.5));
  cell.rc_v = 0;
  CHECK(cell.emf_v() == doctest::Approx(ocv(Chemistry::lfp, 0.52) + 0.004));
  for (int i = 0; i < 3600; ++i) cell.step(-40, 0, 1);
  CHECK(cell.hysteresis == doctest::Approx(-1).epsilon(0.001));
  CHECK(hysteresis_v(Chemistry::nmc) == 0.002);
}
