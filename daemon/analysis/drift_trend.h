#pragma once
// What a series of daily points says: slope and whether it is more than chance (cell-analytics 12, rules 1 to 4).
#include "daemon/analysis/drift_points.h"

namespace cellwarden {

/// One cell's points, oldest first.
struct Series {
  std::array<double, DriftPoints::most_rows> day{}, pp{};
  std::size_t size = 0;
  void add(double at_day, double value) { day[size] = at_day, pp[size] = value, ++size; }
  Series newest(std::size_t n) const;
};

struct Trend {
  double pp_day = 0;                     ///< Theil-Sen
  double z = 0;                          ///< Mann-Kendall's, with the variance that the residuals' memory adds
  double span_days = 0, scatter_pp = 0;  ///< 1.4826 MAD of the residuals
};
Trend trend_of(const Series& series);

/// Beyond what one of `cells` does by chance once in a hundred packs.
bool is_drift(const Trend& trend, std::size_t cells, double floor_pp);
/// The newest sixteen no longer say that it drifts.
bool is_over(const Series& series);

/// The points of one kind, each without what all cells of its row share: an offset is against the first cell, and which
/// one that is, and how many come at all, differs from day to day.
class DriftTable {
 public:
  DriftTable(const DriftPoints& points, std::size_t cells, PointKind kind);
  Series series(std::size_t cell) const;
  /// What a bound of this row and cell says on the same scale; absent where the row has too few points.
  double bound(std::size_t row, std::size_t cell) const;
  double value(std::size_t row, std::size_t cell) const { return value_[row][cell]; }

 private:
  const DriftPoints& points_;
  std::array<Cells, DriftPoints::most_rows> value_{};
  std::array<double, DriftPoints::most_rows> shared_{};
};

}  // namespace cellwarden
