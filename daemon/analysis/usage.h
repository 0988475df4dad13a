#pragma once
// How the pack is used, as far as balancing cares: hours near full and near empty, and how each cell settled after the
// last full charge (cell-analytics 11, 16).
#include "daemon/analysis/cells.h"
#include "protocols/battery.h"

namespace cellwarden {

struct SegmentFacts;

struct Usage {
  double high_h = 0, low_h = 0, heard_h = 0;
  bool settled = false;  ///< a full charge had its rest
  Cells rest_drop_v{};

  void update(const Reading& reading, double dt_s);
  void learn(const SegmentFacts& charge);
  template <class Visit>
  void each_field(Visit&& visit) {
    visit(high_h), visit(low_h), visit(heard_h), visit(settled);
    for (auto& drop : rest_drop_v) visit(drop);
  }
};

}  // namespace cellwarden
