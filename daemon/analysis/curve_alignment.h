#pragma once
// How far apart the cells' charge curves lie (cell-analytics 8). Graphite gives LFP a step of 20 mV at 60..70 %, and
// below 30 % the curve is steep: landmarks that tell the offset of a cell which never reached the knee.
#include <optional>
#include <vector>

#include "daemon/analysis/cells.h"

namespace cellwarden {

/// Mean cell voltages over the charge that went in, in bins of 0.25 % of the capacity.
class ChargeCurves {
 public:
  static constexpr std::size_t bins = 480;
  static constexpr double bin_share = 0.0025;

  void open(std::size_t cells, double q, double capacity_ah);
  void add(std::span<const double> u, double q, double current_a);
  /// How far each cell stood, steadily, above the middle one from 10 to 3 % of the capacity ago, and the current then.
  /// False: not that long yet.
  bool recent_excess(Cells& volts, double& current_a) const;

  /// How far the cell stood above the middle one when the charge began.
  double first_excess(std::size_t cell) const;

  std::size_t cells() const { return cells_; }
  std::size_t length() const { return length_; }
  std::size_t count(std::size_t bin) const { return count_[bin]; }
  double current(std::size_t bin) const { return amps_[bin] / static_cast<float>(count_[bin]); }
  double mean(std::size_t bin, std::size_t cell) const {
    return sum_[bin * cells_ + cell] / static_cast<float>(count_[bin]);
  }

 private:
  std::size_t cells_ = 0, length_ = 0;
  double q0_ = 0, per_ah_ = 0;
  std::vector<float> sum_;
  std::array<unsigned, bins> count_{};
  std::array<float, bins> amps_{};
};

/// Shift of each cell's curve in bins, later is larger; absent where there is no unique place for it.
struct Shifts {
  bool any = false;
  Cells bins{};
};
/// What lies above `highest_v` (the knee) is ignored. Slow (milliseconds): once per charge, and only when needed.
Shifts align(const ChargeCurves& curves, double highest_v);

}  // namespace cellwarden
