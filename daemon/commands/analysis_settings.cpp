#include "daemon/commands/analysis_settings.h"

namespace cellwarden {

PackSettings analysis_settings(const PackConfig& pack) {
  PackSettings settings;
  settings.chemistry = pack.chemistry;
  settings.capacity_ah = pack.capacity_ah;
  const ChargerConfig& charger = pack.charger;
  settings.charger = {charger.absorption_v, charger.tail_current_a, charger.current_a, std::nullopt};
  if (charger.absorption_time) settings.charger.absorption_time_s = charger.absorption_time->count();
  settings.load_cutoff_v = pack.load.cutoff_v;
  settings.limits = pack.limits;
  const BalancerConfig& balancer = pack.balancer;
  settings.balancer = {balancer.kind, balancer.current_a, balancer.start_v, balancer.delta_v};
  settings.thresholds = pack.analysis;
  return settings;
}

}  // namespace cellwarden
