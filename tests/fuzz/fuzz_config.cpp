// The config reader: any text gives settings whose numbers are numbers, or faults that name their place.
#include <cmath>

#include "config/config.h"
#include "tests/fuzz/demand.h"

using namespace cellwarden;

namespace {

void demand_finite(const std::optional<double>& value) { DEMAND(!value || std::isfinite(*value)); }
void demand_time(Seconds time) { DEMAND(std::isfinite(time.count()) && time.count() > 0); }
template <class T>
void demand_finite(const T&) {}

void check(const Config& config) {
  DEMAND(!config.packs.empty());
  if (config.mqtt) {
    demand_time(config.mqtt->publish_min);
    demand_time(config.mqtt->publish_max);
  }
  for (const auto& pack : config.packs) {
    DEMAND(!pack.id.empty() && !pack.protocol.empty());
    demand_time(pack.poll);
    demand_finite(pack.capacity_ah);
    demand_finite(pack.charger.absorption_v), demand_finite(pack.charger.tail_current_a);
    demand_finite(pack.charger.current_a), demand_finite(pack.load.cutoff_v);
    demand_finite(pack.balancer.current_a), demand_finite(pack.balancer.start_v), demand_finite(pack.balancer.delta_v);
    each_member(pack.limits, [](std::string_view, const auto& limit) { demand_finite(limit); });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = parse_config({reinterpret_cast<const char*>(data), size}, "fuzzed.toml");
  if (const auto* config = std::get_if<Config>(&read)) return check(*config), 0;
  const auto& faults = std::get<std::vector<ConfigFault>>(read);
  DEMAND(!faults.empty());
  for (const auto& fault : faults) DEMAND(fault.file == "fuzzed.toml" && fault.line > 0 && !fault.what.empty());
  return 0;
}
