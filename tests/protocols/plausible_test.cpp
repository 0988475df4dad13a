#include "protocols/plausible.h"

#include <doctest/doctest.h>

#include <limits>

using namespace cellwarden;

namespace {

/// A bound of the check: what is just inside is let through, what is just outside is named.
struct Bound {
  std::optional<double> Reading::*member;
  double low, high, step;
  const char* wrong;
};

const Bound bounds[] = {{&Reading::pack_v, 0, 1000, 0.01, "pack voltage"},
                        {&Reading::current_a, -2000, 2000, 0.01, "current"},
                        {&Reading::power_w, -2e6, 2e6, 1, "power is not voltage times current"},
                        {&Reading::soc_pct, 0, 110, 0.1, "state of charge"},
                        {&Reading::soh_pct, 0, 110, 0.1, "state of health"},
                        {&Reading::mos_temp_c, -50, 150, 0.1, "MOSFET temperature"}};

std::string judged(const Bound& bound, double value) {
  Reading reading;
  reading.*bound.member = value;
  return check_plausible(reading).wrong;
}

Plausibility with_cells(std::vector<std::optional<double>> cells, std::optional<double> pack = {}) {
  Reading reading;
  reading.cells_v = std::move(cells);
  reading.pack_v = pack;
  return check_plausible(reading);
}

Plausibility with_temps(std::vector<std::optional<double>> temps) {
  Reading reading;
  reading.temps_c = std::move(temps);
  return check_plausible(reading);
}

}  // namespace

TEST_CASE("plausible: every bound, just inside and just outside") {
  for (const Bound& bound : bounds) {
    CAPTURE(bound.wrong);
    CHECK(judged(bound, bound.low) == "");
    CHECK(judged(bound, bound.low + bound.step) == "");
    CHECK(judged(bound, bound.high - bound.step) == "");
    CHECK(judged(bound, bound.high) == "");
    CHECK(judged(bound, bound.low - bound.step) == bound.wrong);
    CHECK(judged(bound, bound.high + bound.step) == bound.wrong);
    CHECK(judged(bound, std::numeric_limits<double>::quiet_NaN()) == bound.wrong);
    CHECK(judged(bound, std::numeric_limits<double>::infinity()) == bound.wrong);
  }
}

TEST_CASE("plausible: each probe is judged, an absent one is not") {
  CHECK(with_temps({std::nullopt, -50.0, 150.0, std::nullopt}).wrong == "");
  CHECK(with_temps({std::nullopt, std::nullopt}).wrong == "");
  CHECK(with_temps({}).wrong == "");
  CHECK(with_temps({20.0, -50.1}).wrong == "temperature");
  CHECK(with_temps({150.1, std::nullopt}).wrong == "temperature");
}

TEST_CASE("plausible: cells at their bounds; one outside is named and condemns nothing else") {
  CHECK(with_cells({0.5, 5.0}).impossible_cells.empty());
  CHECK(with_cells({0.499, 3.3, 5.001}).impossible_cells == std::vector<int>{1, 3});
  CHECK(with_cells({0.499, 3.3, 5.001}).wrong == "");
  CHECK(with_cells({3.3, std::nullopt, 0.0}).impossible_cells == std::vector<int>{3});
  CHECK(with_cells({std::numeric_limits<double>::quiet_NaN()}).impossible_cells == std::vector<int>{1});
}

TEST_CASE("plausible: no pack has more than 48 cells") {
  using Cells = std::vector<std::optional<double>>;
  CHECK(with_cells(Cells(48, 3.3)).wrong == "");
  CHECK(with_cells(Cells(49, 3.3)).wrong == "more cells than any pack has");
}

TEST_CASE("plausible: cells add up to the pack, within half a volt or 2 %") {
  const std::vector<std::optional<double>> four(4, 3.3), sixteen(16, 3.3);  // 13.2 V and 52.8 V
  CHECK(with_cells(four, 13.69).wrong == "");
  CHECK(with_cells(four, 12.71).wrong == "");
  CHECK(with_cells(four, 13.71).wrong == "cells do not add up to the pack");
  CHECK(with_cells(four, 12.69).wrong == "cells do not add up to the pack");
  CHECK(with_cells(sixteen, 53.86).wrong == "");
  CHECK(with_cells(sixteen, 51.77).wrong == "");
  CHECK(with_cells(sixteen, 53.90).wrong == "cells do not add up to the pack");
  CHECK(with_cells(sixteen, 51.75).wrong == "cells do not add up to the pack");
}

TEST_CASE("plausible: what is unknown is not judged") {
  CHECK(check_plausible(Reading{}).wrong == "");
  CHECK(with_cells({}, 52.8).wrong == "");
  CHECK(with_cells({}, 52.8).impossible_cells.empty());
  // The sum says nothing while a cell is unknown or impossible.
  CHECK(with_cells({3.3, std::nullopt, 3.3, 3.3}, 13.2).wrong == "");
  CHECK(with_cells({3.3, 0.1, 3.3, 3.3}, 13.2).wrong == "");
}

TEST_CASE("plausible: power is voltage times current, with its sign, but for what rounding makes of it") {
  const auto judged_power = [](double current_a, double power_w) {
    Reading reading;
    reading.pack_v = 52, reading.current_a = current_a, reading.power_w = power_w;
    return check_plausible(reading).wrong;
  };
  const std::string wrong = "power is not voltage times current";
  for (const double sign : {1.0, -1.0}) {
    CHECK(judged_power(sign * 100, sign * 5200) == "");
    CHECK(judged_power(sign * 100, sign * 5509) == "");
    CHECK(judged_power(sign * 100, sign * 5511) == wrong);
    CHECK(judged_power(sign * 100, sign * 4889) == wrong);
    CHECK(judged_power(sign * 100, sign * -5200) == wrong);
    CHECK(judged_power(0, sign * 49) == "");
    CHECK(judged_power(0, sign * 51) == wrong);
  }
  CHECK(judged_power(100, std::numeric_limits<double>::quiet_NaN()) == wrong);
}
