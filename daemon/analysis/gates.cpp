#include "daemon/analysis/gates.h"

namespace cellwarden {

namespace {
constexpr double rest_c = 0.005, least_c = 0.004, most_c = 0.5, top_rest_s = 600, rest_s = 1800;
}

Gate Gates::gate_for(const Terms& terms, const Sample& sample, double u_max, double u_min) const {
  const ChemistryTraits& c = *terms.chemistry;
  const double rate = sample.current_a / terms.capacity_ah;
  if (u_max > c.knee_v && rate > least_c && rate < most_c) return Gate::top_charge;
  if (u_min < c.bottom_v && rate < 0) return Gate::bottom;
  if (rested_s_ >= top_rest_s && u_max > c.rest_high_v) return Gate::top_rest;
  if (rested_s_ >= rest_s) return Gate::rest;
  return Gate::mid;
}

void Gates::update(const Terms& terms, const Sample& sample, std::span<const double> u, Moment& moment) {
  const auto [low, high] = std::ranges::minmax_element(u);
  const auto [v_low, v_high] = std::ranges::minmax(sample.v);
  rested_s_ = std::abs(sample.current_a) < rest_c * terms.capacity_ah ? rested_s_ + sample.dt_s : 0;
  moment.gate = gate_for(terms, sample, *high, *low);
  moment.delta_mv = (*high - *low) * 1000;
  moment.u_max = *high, moment.u_min = *low;
  moment.v_max = v_high, moment.v_min = v_low;
  moment.cell_max = static_cast<int>(high - u.begin()) + 1;
  moment.cell_min = static_cast<int>(low - u.begin()) + 1;
  moment.current_a = sample.current_a;
  last_[static_cast<std::size_t>(moment.gate)] = {moment.delta_mv, *high};
}

}  // namespace cellwarden
