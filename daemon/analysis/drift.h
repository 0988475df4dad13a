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
  int standing = 0;              ///< 1: suspect, 2: it drifts
  double measured_day = absent;  ///< of the newest of the points behind `pp_day`
  // As it was when it was last well measured: a cell that leaks comes to no crossing any more.
  double last_pp_day = absent, last_day = absent;
  double drifted_day = absent;  ///< when it was last found to drift
  template <class Visit>
  void each_field(Visit&& visit) {
    visit(pp_day), visit(behind_pp), visit(points), visit(standing);
  }
  template <class Visit>
  void each_later_field(Visit&& visit) {
    visit(measured_day), visit(last_pp_day), visit(last_day), visit(drifted_day);
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
  /// What a later version of the memory came to keep.
  template <class Visit>
  void each_later_field(Visit&& visit) {
    for (auto& cell : cells) cell.each_later_field(visit);
  }
};

void say_drift(const Terms& terms, const Memory& memory, Insight& insight);

}  // namespace cellwarden
