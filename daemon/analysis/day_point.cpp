#include "daemon/analysis/day_point.h"

namespace cellwarden {

void add(DayPoint& point, const ClosedSegment& segment) {
  // fmax and fmin leave out what is absent.
  if (segment.charge) {
    point.charged_ah += segment.ah;
    point.highest_v = std::fmax(point.highest_v, segment.edge_v);
    ++point.charges;
    point.cut_by_bms += segment.cause == Stop::bms_cell;
    if (segment.told) point.offset_pct = segment.offset_pct;
    if (segment.margin_mv) point.margin_mv = segment.margin_mv;
  } else {
    point.discharged_ah += segment.ah;
    point.lowest_v = std::fmin(point.lowest_v, segment.edge_v);
  }
  if (segment.usable_ah) point.usable_ah = segment.usable_ah;
  point.r_mohm = segment.r_mohm;
}

}  // namespace cellwarden
