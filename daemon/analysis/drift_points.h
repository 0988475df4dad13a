#pragma once
// One point a day and cell: how far the cell was behind when the pack was full (cell-analytics 12). Kept as it was
// found, against the first cell of that charge; what all cells of a row share falls out later (drift_trend.h).
//
//   16 bits a point:   offset in 0.01 pp, signed, 14 bits | kind, 2 bits
#include <cstdint>

#include "daemon/analysis/offsets.h"

namespace cellwarden {

enum class PointKind { none, bound, crossed, aligned };

struct DriftPoint {
  PointKind kind = PointKind::none;
  double pp = absent;  ///< `bound`: at least that
};

struct DriftRow {
  double day = 0;  ///< on the analysis's own clock
  std::array<std::uint64_t, max_cells / 4> packed{};

  DriftPoint at(std::size_t cell) const;
  void set(std::size_t cell, DriftPoint point);
  std::size_t count(PointKind kind, std::size_t cells) const;
  template <class Visit>
  void each_field(Visit&& visit) {
    visit(day);
    for (auto& word : packed) visit(word);
  }
};

class DriftPoints {
 public:
  static constexpr std::size_t most_rows = 64;

  /// What one charge said; true when the rows changed. Of the charges of one day the one that most cells crossed in.
  bool add(double day, const Offsets& top, std::size_t cells, double capacity_ah);
  /// Rows, oldest first.
  std::size_t size() const { return static_cast<std::size_t>(count_); }
  const DriftRow& row(std::size_t n) const { return rows_[n]; }
  /// Forgets the rows before `n`.
  void forget_before(std::size_t n);
  bool sound() const { return count_ >= 0 && count_ <= static_cast<int>(most_rows); }

  template <class Visit>
  void each_field(Visit&& visit) {
    visit(count_);
    for (auto& row : rows_) row.each_field(visit);
  }

 private:
  int count_ = 0;
  std::array<DriftRow, most_rows> rows_{};
};

}  // namespace cellwarden
