#include "daemon/links/ble_objects.h"

#include <algorithm>

namespace cellwarden::ble {

namespace {

constexpr std::string_view uuid_base = "-0000-1000-8000-00805f9b34fb";

bool below(const std::string& path, const std::string& parent) {
  return path.size() > parent.size() && path.starts_with(parent) && path[parent.size()] == '/';
}

}  // namespace

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string full_uuid(std::string_view short_form) {
  return short_form.size() == 4 ? "0000" + std::string(short_form) + std::string(uuid_base) : std::string(short_form);
}

std::string shown_uuid(const std::string& full) {
  const bool is_short = full.size() == 36 && full.starts_with("0000") && full.ends_with(uuid_base);
  return is_short ? full.substr(4, 4) : full;
}

bool Characteristic::has(std::string_view flag) const { return std::ranges::find(flags, flag) != flags.end(); }

void KnownObjects::set(Objects objects, SteadyTime now) {
  objects_ = std::move(objects);
  heard_.clear();
  for (const auto& [path, interfaces] : objects_) {
    if (const auto* device = find(path, device_interface)) note_sight(path, *device, now);
  }
}

void KnownObjects::add(const std::string& path, Interfaces interfaces, SteadyTime now) {
  for (auto& added : interfaces) {
    if (added.first == device_interface) note_sight(path, added.second, now);
    objects_[path][added.first] = std::move(added.second);
  }
}

void KnownObjects::remove(const std::string& path, const std::vector<std::string>& interfaces) {
  const auto object = objects_.find(path);
  if (object == objects_.end()) return;
  for (const auto& interface : interfaces) {
    object->second.erase(interface);
    if (interface == device_interface) heard_.erase(path);
  }
  if (object->second.empty()) objects_.erase(object);
}

void KnownObjects::change(const std::string& path, const std::string& interface, Properties now_have,
                          const std::vector<std::string>& gone, SteadyTime now) {
  const auto object = objects_.find(path);
  if (object == objects_.end()) return;
  const auto known = object->second.find(interface);
  if (known == object->second.end()) return;
  if (interface == device_interface) note_sight(path, now_have, now);
  for (const auto& key : gone) known->second.erase(key);
  // A notification's bytes are no state: whoever waits for them has them already.
  if (interface == characteristic_interface) now_have.erase("Value");
  for (auto& [key, value] : now_have) known->second[key] = std::move(value);
}

void KnownObjects::clear() {
  objects_.clear();
  heard_.clear();
}

void KnownObjects::note_sight(const std::string& path, const Properties& news, SteadyTime now) {
  if (news.contains("RSSI")) heard_[path] = now;
}

void KnownObjects::forget_sight(const std::string& path) {
  heard_.erase(path);
  if (const auto object = objects_.find(path); object != objects_.end()) object->second[device_interface].erase("RSSI");
}

bool KnownObjects::has(const std::string& path, const std::string& interface) const {
  return find(path, interface) != nullptr;
}

const Properties* KnownObjects::find(const std::string& path, const std::string& interface) const {
  const auto object = objects_.find(path);
  if (object == objects_.end()) return nullptr;
  const auto found = object->second.find(interface);
  return found == object->second.end() ? nullptr : &found->second;
}

std::vector<std::string> KnownObjects::adapters() const {
  std::vector<std::string> all;
  for (const auto& [path, interfaces] : objects_) {
    if (interfaces.contains(adapter_interface)) all.push_back(path);
  }
  return all;
}

Sighting KnownObjects::sighting(const std::string& path) const {
  const auto text = [&](const char* key) {
    return get<std::string>(path, device_interface, key).value_or(std::string());
  };
  Sighting seen{path, text("Address"), text("Name"), std::nullopt, {}, {}};
  if (const auto rssi = get<std::int64_t>(path, device_interface, "RSSI")) seen.rssi_dbm = static_cast<int>(*rssi);
  seen.uuids = get<std::vector<std::string>>(path, device_interface, "UUIDs").value_or(std::vector<std::string>());
  seen.manufacturers = get<std::vector<std::uint16_t>>(path, device_interface, "ManufacturerData")
                           .value_or(std::vector<std::uint16_t>());
  return seen;
}

std::vector<Sighting> KnownObjects::devices(const std::string& adapter) const {
  std::vector<Sighting> all;
  for (const auto& [path, interfaces] : objects_) {
    const bool is_device = interfaces.contains(device_interface);
    if (is_device && below(path, adapter)) all.push_back(sighting(path));
  }
  return all;
}

std::vector<Sighting> KnownObjects::in_sight(const std::string& adapter, SteadyTime now, Duration recent) const {
  auto all = devices(adapter);
  std::erase_if(all, [&](const Sighting& seen) {
    const auto heard = heard_.find(seen.path);
    return !seen.rssi_dbm && (heard == heard_.end() || now - heard->second > recent);
  });
  return all;
}

std::vector<Service> KnownObjects::services(const std::string& device) const {
  std::vector<Service> all;
  for (const auto& [path, interfaces] : objects_) {
    if (!interfaces.contains(service_interface) || !below(path, device)) continue;
    Service& service = all.emplace_back();
    service.uuid = get<std::string>(path, service_interface, "UUID").value_or(std::string());
    for (const auto& [inner, its] : objects_) {
      const auto found = its.find(characteristic_interface);
      if (found == its.end() || !below(inner, path)) continue;
      service.characteristics.push_back(
          {inner, get<std::string>(inner, characteristic_interface, "UUID").value_or(std::string()),
           get<std::vector<std::string>>(inner, characteristic_interface, "Flags").value_or(std::vector<std::string>()),
           found->second.contains("NotifyAcquired")});
    }
  }
  return all;
}

bool KnownObjects::is_listened_to(const std::string& device) const {
  return std::ranges::any_of(objects_, [&](const auto& object) {
    const std::string& path = object.first;
    return below(path, device) &&
           (is(path, characteristic_interface, "Notifying") || is(path, characteristic_interface, "NotifyAcquired"));
  });
}

}  // namespace cellwarden::ble
