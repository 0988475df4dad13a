// The fit of whole curves, on curves with known causes.
#include <doctest/doctest.h>

#include "daemon/analysis/chemistry.h"
#include "daemon/analysis/curve_fit.h"

using namespace cellwarden;

namespace {

/// A 100 Ah cell: what sets it apart from the usual one.
struct Odd {
  double behind_ah = 0, capacity_ah = 100, sense_v = 0, excess_ohm = 0;
};

constexpr double full_ah = 72, held_from_ah = 66, end_ah = 71, current_a = 30;

/// NMC from about 28 % at 30 A, the last amperehours at a falling current.
ChargeCurves charged(const std::vector<Odd>& cells, double until_ah = end_ah, double strange_v = 0) {
  const OcvCurve& curve = traits(Chemistry::nmc).curve;
  ChargeCurves curves;
  curves.open(cells.size(), 0, 100);
  std::vector<double> u(cells.size());
  for (double q = 0; q < until_ah; q += 0.05) {
    const double amps = q < held_from_ah ? current_a : current_a * (1 - 0.18 * (q - held_from_ah));
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const Odd& c = cells[i];
      u[i] = curve.volts(1 - (full_ah - q + c.behind_ah) / c.capacity_ah) + c.sense_v + c.excess_ohm * amps;
    }
    u[0] += strange_v * std::sin(q / 4);
    curves.add(u, q, amps);
  }
  return curves;
}

/// As levels would have said it: off by what sense and resistance do to a crossing.
FitStart crossed(std::initializer_list<double> behind_ah, double until_ah = end_ah) {
  FitStart start{.to_end_ah = full_ah - until_ah, .capacity_ah = 100};
  std::ranges::copy(behind_ah, start.behind_ah.begin());
  start.rest_u.fill(absent);
  return start;
}

}  // namespace

TEST_CASE("fit: what the BMS reads wrong, resistance and a small cell are told from being behind") {
  const std::vector<Odd> cells = {
      {}, {.behind_ah = 1}, {.sense_v = 0.003}, {.excess_ohm = 0.001}, {.capacity_ah = 92}, {.behind_ah = 15}};
  // A cell with 30 mV more drop seems ahead by 2.5 Ah.
  const auto behind = fit_curves(charged(cells), crossed({2.5, 3.5, 2.2, 0, 2.9, 17.5}));
  REQUIRE(behind);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    CAPTURE(i);
    CHECK(behind->behind_ah[i] - behind->behind_ah[0] == doctest::Approx(cells[i].behind_ah).scale(1).epsilon(0.15));
  }
}

TEST_CASE("fit: a rest tells resistance from charge where the current never changed") {
  const std::vector<Odd> cells = {{}, {}, {.excess_ohm = 0.001}, {}};
  const double until_ah = 60;
  FitStart start = crossed({2.5, 2.5, 0, 2.5}, until_ah);
  std::ranges::fill_n(start.rest_u.begin(), 4, traits(Chemistry::nmc).curve.volts(0.88));
  const auto behind = fit_curves(charged(cells, until_ah), start);
  REQUIRE(behind);
  CHECK(behind->behind_ah[2] - behind->behind_ah[0] == doctest::Approx(0).scale(1).epsilon(0.05));
}

TEST_CASE("fit: says nothing of a short charge, of one cell, of cells that follow no common curve") {
  const std::vector<Odd> cells(4);
  CHECK(fit_curves(charged(cells), crossed({0, 0, 0, 0})));
  CHECK_FALSE(fit_curves(charged(cells, 7), crossed({0, 0, 0, 0}, 7)));
  CHECK_FALSE(fit_curves(charged(cells), crossed({0, absent, absent, absent})));
  CHECK_FALSE(fit_curves(charged(cells, end_ah, 0.030), crossed({0, 0, 0, 0})));
}

TEST_CASE("fit: a cell left out stays out, and the others lose nothing by it") {
  const std::vector<Odd> cells = {{}, {.behind_ah = 1}, {.behind_ah = 30}, {.sense_v = 0.003}};
  const auto behind = fit_curves(charged(cells), crossed({0, 0.8, absent, -0.3}));
  REQUIRE(behind);
  CHECK_FALSE(known(behind->behind_ah[2]));
  CHECK(behind->behind_ah[1] - behind->behind_ah[0] == doctest::Approx(1).epsilon(0.1));
  CHECK(behind->deviation_ah[1] < 0.2);
}

TEST_CASE("fit: a cell that shares little of the curve with the others stays uncertain, and says so") {
  const double until_ah = 35;
  const std::vector<Odd> cells = {{}, {}, {.behind_ah = 30}};
  const auto fitted = fit_curves(charged(cells, until_ah), crossed({0, 0, 28}, until_ah));
  REQUIRE(fitted);
  CHECK(fitted->deviation_ah[2] > 1.5 * fitted->deviation_ah[1]);
}
