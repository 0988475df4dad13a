#include "tests/simulator/ocv_curve.h"

#include <doctest/doctest.h>

using namespace simulator;

TEST_CASE("ocv curve: the table's points, no falling between them, straight on beyond them") {
  for (const auto chemistry : {Chemistry::lfp, Chemistry::nmc, Chemistry::lto}) {
    const OcvCurve curve(chemistry);
    for (const OcvPoint& point : ocv_points(chemistry))
      CHECK(curve.volts(point.soc) == doctest::Approx(point.volts).epsilon(1e-5));
    double before = curve.volts(-0.02);
    for (double soc = -0.0199; soc < 1.05; soc += 0.0001) {
      REQUIRE(curve.volts(soc) >= before);
      before = curve.volts(soc);
    }
    CHECK(curve.volts(-0.01) < ocv_points(chemistry).front().volts - 0.05);
    CHECK(curve.volts(1.04) > ocv_points(chemistry).back().volts + 0.05);
  }
  CHECK(OcvCurve(Chemistry::lfp).volts(0.5) == doctest::Approx(3.291));
  CHECK(OcvCurve(Chemistry::nmc).volts(0.5) == doctest::Approx(3.680));
  CHECK(OcvCurve(Chemistry::lto).volts(0.5) == doctest::Approx(2.250));
}

TEST_CASE("ocv curve: knees of any drawn width never fall, and are where the formula puts them") {
  for (const double top : {0.7, 1.6}) {
    for (const double bottom : {0.7, 1.5}) {
      const OcvCurve curve(Chemistry::lfp, {top, bottom, 0});
      double before = curve.volts(0);
      for (double soc = 0; soc < 1.01; soc += 0.0001) {
        REQUIRE(curve.volts(soc) >= before);
        before = curve.volts(soc);
      }
      CHECK(curve.volts(1 - 0.01 * top) == doctest::Approx(3.376).epsilon(1e-4));
      CHECK(curve.volts(0.03 * bottom) == doctest::Approx(3.010).epsilon(1e-4));
      CHECK(curve.volts(0.5) == doctest::Approx(3.291));
    }
  }
}
