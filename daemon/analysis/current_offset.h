#pragma once
// A current sensor that says 0.4 A when nothing flows (cell-analytics 3.6). Learned only when the BMS says that both
// MOSFETs are off, or from hours of one small value while no cell moves.
#include "daemon/analysis/cells.h"

namespace cellwarden {

class CurrentOffset {
 public:
  /// The current that really flows; small ones are 0.
  double corrected(double current_a, double capacity_ah) const;
  void learn(double dt_s, double current_a, bool both_off, std::span<const double> v, double capacity_ah);

  template <class Visit>
  void each_field(Visit&& visit) {
    visit(offset_a_), visit(samples_);
  }

 private:
  double offset_a_ = 0, samples_ = 0;
  double quiet_s_ = 0, quiet_a_ = 0;
  Cells quiet_v_{};
};

}  // namespace cellwarden
