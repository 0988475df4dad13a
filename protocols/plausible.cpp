#include "protocols/plausible.h"

#include <algorithm>
#include <cmath>

namespace cellwarden {

namespace {

/// Every chemistry's cell lies inside, loaded or not; a torn sense wire does not.
constexpr double lowest_cell_v = 0.5, highest_cell_v = 5.0;
constexpr double highest_pack_v = 1000, highest_current_a = 2000, coldest_c = -50, hottest_c = 150;
constexpr double highest_power_w = highest_pack_v * highest_current_a;
constexpr std::size_t most_cells = 48;
/// What rounding makes of volts times amperes, and a little of two moments.
constexpr double power_apart_w = 50, power_apart = 0.05;

bool outside(const std::optional<double>& value, double low, double high) {
  return value && !(*value >= low && *value <= high);
}

/// The cells are in series: they add up to the pack, but for the wiring's drop and the coarser pack reading.
bool sum_differs(const Reading& reading) {
  if (!reading.pack_v || reading.cells_v.empty()) return false;
  double sum = 0;
  for (const auto& cell : reading.cells_v) sum += cell.value_or(0);
  return std::abs(sum - *reading.pack_v) > std::max(0.5, 0.02 * *reading.pack_v);
}

/// Energy is counted by the power alone, so nothing else may be in it.
bool power_differs(const Reading& reading) {
  if (!reading.power_w) return false;
  if (!reading.pack_v || !reading.current_a) return outside(reading.power_w, -highest_power_w, highest_power_w);
  const double expected = *reading.pack_v * *reading.current_a;
  return !(std::abs(*reading.power_w - expected) <= power_apart_w + power_apart * std::abs(expected));
}

}  // namespace

Plausibility check_plausible(const Reading& reading) {
  Plausibility found;
  bool all_known = true;
  for (std::size_t i = 0; i < reading.cells_v.size(); ++i) {
    if (outside(reading.cells_v[i], lowest_cell_v, highest_cell_v)) {
      found.impossible_cells.push_back(static_cast<int>(i) + 1);
    }
    all_known &= reading.cells_v[i].has_value();
  }
  if (reading.cells_v.size() > most_cells) found.wrong = "more cells than any pack has";
  if (power_differs(reading)) found.wrong = "power is not voltage times current";
  if (outside(reading.pack_v, 0, highest_pack_v)) found.wrong = "pack voltage";
  if (outside(reading.current_a, -highest_current_a, highest_current_a)) found.wrong = "current";
  if (outside(reading.soc_pct, 0, 110)) found.wrong = "state of charge";
  if (outside(reading.soh_pct, 0, 110)) found.wrong = "state of health";
  for (const auto& temp : reading.temps_c) {
    if (outside(temp, coldest_c, hottest_c)) found.wrong = "temperature";
  }
  if (outside(reading.mos_temp_c, coldest_c, hottest_c)) found.wrong = "MOSFET temperature";
  if (all_known && found.impossible_cells.empty() && sum_differs(reading))
    found.wrong = "cells do not add up to the pack";
  return found;
}

}  // namespace cellwarden
