#pragma once
// Is the pack being charged, discharged or left alone (cell-analytics 4)? Slow to change its mind, so that clouds and
// the tail of a charge do not cut it in two.
#include "daemon/analysis/cells.h"

namespace cellwarden {

enum class Activity { idle, charge, discharge };

class ActivityWatch {
 public:
  /// True when the activity changed with this sample.
  bool update(double dt_s, double current_a, double capacity_ah);
  Activity now() const { return now_; }
  double smooth_current_a() const { return smooth_a_; }
  void restart() { *this = {}; }

 private:
  Activity wanted(double c_rate) const;

  Activity now_ = Activity::idle, candidate_ = Activity::idle;
  double smooth_a_ = 0, held_s_ = 0;
  bool first_ = true;
};

}  // namespace cellwarden
