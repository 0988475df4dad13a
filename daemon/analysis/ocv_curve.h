#pragma once
// Open-circuit voltage over the state of charge: a monotone cubic (Fritsch-Carlson) through a table, because the
// corners of straight lines would be landmarks that no cell has. Read from a fine grid.
#include <cstddef>
#include <span>
#include <vector>

namespace cellwarden {

struct OcvPoint {
  double soc, volts;
};

class OcvCurve {
 public:
  /// Points rise in both; `soc` from 0 to 1 and a little beyond. Outside them the curve goes on straight.
  explicit OcvCurve(std::span<const OcvPoint> points);

  double volts(double soc) const {
    const double at = soc * per_soc_;
    if (!(at > 0)) return grid_[0] + at * (grid_[1] - grid_[0]);
    const std::size_t i = at < last_ ? static_cast<std::size_t>(at) : grid_.size() - 2;
    return grid_[i] + (at - static_cast<double>(i)) * (grid_[i + 1] - grid_[i]);
  }
  double soc(double volts) const;

 private:
  static constexpr double per_soc_ = 5000;
  double last_ = 0;
  std::vector<double> grid_;
};

}  // namespace cellwarden
