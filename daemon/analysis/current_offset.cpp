#include "daemon/analysis/current_offset.h"

namespace cellwarden {

namespace {
constexpr double enough_samples = 200, most_a = 1, quiet_hold_s = 7200, quiet_v = 0.002, small_c = 0.01, weight = 0.01;
}

double CurrentOffset::corrected(double current_a, double capacity_ah) const {
  const double current = samples_ > enough_samples ? current_a - offset_a_ : current_a;
  return std::abs(current) < std::max(0.05, 0.0005 * capacity_ah) ? 0 : current;
}

void CurrentOffset::learn(double dt_s, double current_a, bool both_off, std::span<const double> v, double capacity_ah) {
  const double small = small_c * capacity_ah;
  bool quiet = std::abs(current_a) < small && std::abs(current_a - quiet_a_) < 0.1 * small;
  for (std::size_t i = 0; quiet && i < v.size(); ++i) quiet = std::abs(v[i] - quiet_v_[i]) <= quiet_v;
  quiet_s_ = quiet ? quiet_s_ + dt_s : 0;
  if (!quiet) quiet_a_ = current_a, std::ranges::copy(v, quiet_v_.begin());

  if (!(both_off && std::abs(current_a) < most_a) && quiet_s_ < quiet_hold_s) return;
  const double share = std::max(weight, 1 / (samples_ + 1));
  offset_a_ = std::clamp(offset_a_ + share * (current_a - offset_a_), -most_a, most_a);
  samples_ += 1;
}

}  // namespace cellwarden
