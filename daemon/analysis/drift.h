#pragma once
// What days tell: which cell loses charge against the others (cell-analytics 12). A leak shows as a cell that is a
// little further behind at every full charge, until it does not reach the knee at all; then its last crossings and what
// it surely lacks since are the evidence.
#include "daemon/analysis/drift_points.h"

namespace cellwarden {

struct Terms;
struct Memory;
struct Insight;

struct DriftCell {
  double pp_day = absent, behind_pp = absent;  ///< from crossings alone
  int points = 0;
  int standing = 0;  ///< 1: suspect, 2: it drifts
  template <class Visit>
  void each_field(Visit&& visit) {
    visit(pp_day), visit(behind_pp), visit(points), visit(standing);
  }
};

struct Drift {
  DriftPoints points;
  bool broken = false;          ///< many cells jumped at once: what was before counts no more
  double crossed_day = absent;  ///< when a cell was last seen to cross the knee
  std::array<DriftCell, max_cells> cells{};

  /// A charge that reached the top is over.
  void learn(double day, const Offsets& top, std::size_t cells, double capacity_ah);
  template <class Visit>
  void each_field(Visit&& visit) {
    points.each_field(visit), visit(broken), visit(crossed_day);
    for (auto& cell : cells) cell.each_field(visit);
  }
};

void say_drift(const Terms& terms, const Memory& memory, Insight& insight);

}  // namespace cellwarden
