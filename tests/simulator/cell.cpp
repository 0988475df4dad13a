#include "tests/simulator/cell.h"

#include <algorithm>
#include <cmath>

namespace simulator {

namespace {

constexpr double rc_tau_s = 60, hysteresis_width_soc = 0.04;

/// Far from both ends the two terms are nothing.
double slower_near_the_ends(double soc) {
  double g = 1;
  if (soc > 0.8) g += 2 * std::exp(-(1 - soc) / 0.012);
  if (soc < 0.4) g += 1.5 * std::exp(-soc / 0.02);
  return g;
}

}  // namespace

StepTime::StepTime(double dt_s) : hours(dt_s / 3600), rc_share(1 - std::exp(-dt_s / rc_tau_s)) {}

double Cell::emf_v() const { return ocv(chemistry, soc) + hysteresis_v(chemistry) * hysteresis + rc_v; }

void Cell::step(double current_a, const StepTime& time) {
  const double moved_soc = current_a * time.hours / capacity_ah;
  const double direction = current_a > 0 ? 1 : -1;
  rc_v += time.rc_share * (current_a * r1_ohm * slower_near_the_ends(soc) - rc_v);
  hysteresis += std::min(1.0, std::abs(moved_soc) / hysteresis_width_soc) * (direction - hysteresis);
  soc += moved_soc;
}

}  // namespace simulator
