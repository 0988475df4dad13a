#pragma once
// Per-cell numbers without allocation: room for the most cells a Reading may hold.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace cellwarden {

inline constexpr std::size_t max_cells = 48;
using Cells = std::array<double, max_cells>;

inline constexpr double absent = std::numeric_limits<double>::quiet_NaN();
inline bool known(double value) { return !std::isnan(value); }

/// Of the first `n`; `n` > 0.
inline double median(Cells values, std::size_t n) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(n / 2);
  const auto end = values.begin() + static_cast<std::ptrdiff_t>(n);
  std::nth_element(values.begin(), middle, end);
  if (n % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// What one usable reading is inside the analysis.
struct Sample {
  double dt_s = 0, steady_s = 0;
  std::span<const double> v;  ///< cells, raw
  double pack_v = 0;          ///< as measured, else the sum
  double current_a = 0;       ///< without offset, small values 0
};

}  // namespace cellwarden
