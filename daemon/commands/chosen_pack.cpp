#include "daemon/commands/chosen_pack.h"

#include <algorithm>

namespace cellwarden {

Config usable_config(const std::string& file) {
  auto read = read_config(file);
  if (const auto* faults = std::get_if<std::vector<ConfigFault>>(&read)) {
    std::string all;
    for (const auto& fault : *faults) all += (all.empty() ? "" : "\n") + fault.text();
    throw Unusable(all);
  }
  return std::get<Config>(std::move(read));
}

PackConfig chosen_pack(const std::string& config, const std::string& id) {
  if (config.empty()) return {};
  const auto packs = usable_config(config).packs;
  if (id.empty() && packs.size() == 1) return packs.front();
  const auto found = std::ranges::find(packs, id, &PackConfig::id);
  if (found != packs.end()) return *found;
  throw Unusable(config + (packs.empty() ? " has no pack" : ": say --pack with one of its packs:" + ids_of(packs)));
}

const Protocol* chosen_protocol(const std::string& id, const PackConfig& pack) {
  if (id.empty()) return find_protocol(pack.protocol);
  const Protocol* protocol = find_protocol(id);
  if (protocol != nullptr) return protocol;
  std::string ids;
  for (const auto& row : catalog()) ids += " " + std::string(row.id);
  throw Unusable("no protocol \"" + id + "\"; known are:" + ids);
}

std::string ids_of(const std::vector<PackConfig>& packs) {
  std::string ids;
  for (const auto& pack : packs) ids += " " + pack.id;
  return ids;
}

}  // namespace cellwarden
