#pragma once
// Where a delta between cells means something (cell-analytics 6): at both ends and at rest, never on the plateau.
#include "daemon/analysis/moment.h"
#include "daemon/analysis/terms.h"

namespace cellwarden {

struct GateValue {
  double delta_mv = absent, at_v = absent;
};

class Gates {
 public:
  void update(const Terms& terms, const Sample& sample, std::span<const double> u, Moment& moment);
  /// Last value seen in the gate; absent when it never opened.
  const GateValue& last(Gate gate) const { return last_[static_cast<std::size_t>(gate)]; }
  /// A gap: nobody knows how long the pack has rested.
  void break_off() { rested_s_ = 0; }

 private:
  Gate gate_for(const Terms& terms, const Sample& sample, double u_max, double u_min) const;

  double rested_s_ = 0;
  std::array<GateValue, gate_names.size()> last_{};
};

}  // namespace cellwarden
