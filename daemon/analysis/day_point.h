#pragma once
// One day of a pack, in a line: what went in and out, how far the cells went, how they stood.
#include "daemon/analysis/closed_segment.h"

namespace cellwarden {

struct DayPoint {
  std::chrono::sys_days day{};
  double charged_ah = 0, discharged_ah = 0;
  double highest_v = absent, lowest_v = absent;  ///< of any cell
  int charges = 0, cut_by_bms = 0;               ///< `cut_by_bms`: charges that a cell ended
  std::optional<double> usable_ah = {}, margin_mv = {};
  std::vector<double> offset_pct = {}, r_mohm = {};  ///< at the top; absent where not known
};

/// Adds what a charge or discharge of that day came to.
void add(DayPoint& point, const ClosedSegment& segment);

}  // namespace cellwarden
