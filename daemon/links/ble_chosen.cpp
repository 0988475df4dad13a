#include "daemon/links/ble_chosen.h"

#include <algorithm>

namespace cellwarden::ble {

namespace {

template <class Can>
const Characteristic* find(const Service& in, std::string_view uuid, Can can) {
  const auto found = std::ranges::find_if(
      in.characteristics, [&](const Characteristic& one) { return one.uuid == full_uuid(uuid) && can(one); });
  return found == in.characteristics.end() ? nullptr : &*found;
}
bool can_tell(const Characteristic& one) { return one.has("notify") || one.has("indicate"); }
bool can_be_told(const Characteristic& one) { return one.has("write-without-response") || one.has("write"); }

}  // namespace

std::optional<Chosen> choose(std::span<const GattService> wanted, const std::vector<Service>& there) {
  for (const GattService& each : wanted) {
    for (const Service& service : there) {
      if (service.uuid != full_uuid(each.service)) continue;
      const auto* notify = find(service, each.notify, can_tell);
      const auto* write = find(service, each.write, can_be_told);
      if (!notify || !write) continue;
      return Chosen{notify->path, write->path, !write->has("write-without-response"), notify->acquires};
    }
  }
  return std::nullopt;
}

}  // namespace cellwarden::ble
