#include "tests/simulator/bms.h"

#include <algorithm>
#include <numeric>

namespace simulator {

namespace {

constexpr double active_efficiency = 0.9;

void above(bool& tripped, double value, double limit, double release) {
  tripped = tripped ? value >= release : value >= limit;
}
void below(bool& tripped, double value, double limit, double release) {
  tripped = tripped ? value <= release : value <= limit;
}

}  // namespace

void Protections::see(const PackOptions& limits, std::span<const double> cells_v) {
  const auto [lowest, highest] = std::ranges::minmax(cells_v);
  const double pack = std::accumulate(cells_v.begin(), cells_v.end(), 0.0) / static_cast<double>(cells_v.size());
  above(cell_ov_, highest, limits.cell_ovp_v, limits.cell_ovp_release_v);
  below(cell_uv_, lowest, limits.cell_uvp_v, limits.cell_uvp_release_v);
  above(pack_ov_, pack, limits.pack_ovp_v_per_cell, limits.pack_ovp_release_v_per_cell);
  below(pack_uv_, pack, limits.pack_uvp_v_per_cell, limits.pack_uvp_release_v_per_cell);
}

std::vector<double> balance_currents(const PackOptions& options, std::span<const double> cells_v) {
  std::vector<double> currents(cells_v.size(), 0.0);
  const auto [lowest, highest] = std::ranges::minmax_element(cells_v);
  const auto is_high = [&](double v) { return v > options.balance_start_v && v - *lowest > options.balance_delta_v; };
  if (options.balancer == Balancer::passive) {
    std::ranges::transform(cells_v, currents.begin(), [&](double v) { return is_high(v) ? -options.balance_a : 0; });
  } else if (options.balancer == Balancer::active && is_high(*highest)) {
    currents[static_cast<std::size_t>(highest - cells_v.begin())] = -options.balance_a;
    currents[static_cast<std::size_t>(lowest - cells_v.begin())] = active_efficiency * options.balance_a;
  }
  return currents;
}

}  // namespace simulator
