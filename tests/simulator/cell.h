#pragma once
// One cell (cell-analytics.md 20):
//
//   E = OCV(x) + M h + v1       V = E + I R0         I: + charging, the cell's own (balancer and leak included)
//   x  += I dt / 3600 / Q       no coulomb loss
//   v1 += (1 - exp(-dt/tau)) (I R1 g(x) - v1)        g: diffusion is slower near both ends
//   h  += min(1, |I| dt / 3600 / Q / 0.04) (sign(I) - h)
#include "tests/simulator/ocv_curve.h"

namespace simulator {

/// How long a step is; worked out once for all cells.
struct StepTime {
  explicit StepTime(double dt_s);
  double hours, rc_share;
};

struct Cell {
  Chemistry chemistry = Chemistry::lfp;
  double capacity_ah = 100, soc = 0.5;
  double r0_ohm = 0.0006, r1_ohm = 0.00024;
  double leak_a = 0;
  double adc_v = 0;  ///< the BMS's measuring error
  double rc_v = 0;
  double hysteresis = 0;  ///< -1 discharged long, +1 charged long

  double emf_v() const;
  double voltage(double pack_a) const { return emf_v() + pack_a * r0_ohm; }
  /// `pack_a` flows through all cells, `balance_a` through this one besides.
  void step(double pack_a, double balance_a, double dt_s) { step(pack_a + balance_a - leak_a, StepTime(dt_s)); }
  /// `current_a`: the cell's own.
  void step(double current_a, const StepTime& time);
};

}  // namespace simulator
