#include "tests/simulator/cell.h"

#include <algorithm>
#include <cmath>

namespace simulator {

namespace {

constexpr double rc_tau_s = 60, hysteresis_width_soc = 0.04;

double slower_near_the_ends(double soc) { return 1 + 2 * std::exp(-(1 - soc) / 0.012) + 1.5 * std::exp(-soc / 0.02); }

}  // namespace

double Cell::emf_v() const { return ocv(chemistry, soc) + hysteresis_v(chemistry) * hysteresis + rc_v; }

void Cell::step(double pack_a, double balance_a, double dt_s) {
  const double current_a = pack_a + balance_a - leak_a;
  const double moved_soc = current_a * dt_s / 3600 / capacity_ah;
  const double direction = current_a > 0 ? 1 : -1;
  rc_v += (1 - std::exp(-dt_s / rc_tau_s)) * (current_a * r1_ohm * slower_near_the_ends(soc) - rc_v);
  hysteresis += std::min(1.0, std::abs(moved_soc) / hysteresis_width_soc) * (direction - hysteresis);
  soc += moved_soc;
}

}  // namespace simulator
