#pragma once
// What bluetoothd shows at this moment, and when each device was last heard advertising.
#include <optional>
#include <string_view>

#include "daemon/links/ble_bus.h"

namespace cellwarden::ble {

/// A service of a device, with what is in it.
struct Characteristic {
  std::string path, uuid;
  std::vector<std::string> flags;
  bool acquires = false;  ///< AcquireNotify is offered
  bool has(std::string_view flag) const;
};
struct Service {
  std::string uuid;
  std::vector<Characteristic> characteristics;
};

/// A device as it advertises.
struct Sighting {
  std::string path, address, name;
  std::optional<int> rssi_dbm;
  std::vector<std::string> uuids;
  std::vector<std::uint16_t> manufacturers;
};

class KnownObjects {
 public:
  void set(Objects objects, SteadyTime now);
  void add(const std::string& path, Interfaces interfaces, SteadyTime now);
  void remove(const std::string& path, const std::vector<std::string>& interfaces);
  void change(const std::string& path, const std::string& interface, Properties now_have,
              const std::vector<std::string>& gone, SteadyTime now);
  void clear();
  /// Until it is heard anew the device is not in sight.
  void forget_sight(const std::string& path);

  bool has(const std::string& path, const std::string& interface) const;
  /// Empty where the object, the property or its kind is another.
  template <class T>
  std::optional<T> get(const std::string& path, const std::string& interface, const std::string& key) const {
    const Properties* found = find(path, interface);
    if (!found) return std::nullopt;
    const auto value = found->find(key);
    const T* right = value == found->end() ? nullptr : std::get_if<T>(&value->second);
    return right ? std::optional(*right) : std::nullopt;
  }
  bool is(const std::string& path, const std::string& interface, const std::string& key) const {
    return get<bool>(path, interface, key).value_or(false);
  }

  std::vector<std::string> adapters() const;
  /// The adapter's devices; those heard advertising within `recent`, or all it remembers.
  std::vector<Sighting> in_sight(const std::string& adapter, SteadyTime now, Duration recent) const;
  std::vector<Sighting> devices(const std::string& adapter) const;
  std::vector<Service> services(const std::string& device) const;
  /// Some program is told of its notifications.
  bool is_listened_to(const std::string& device) const;

 private:
  const Properties* find(const std::string& path, const std::string& interface) const;
  void note_sight(const std::string& path, const Properties& news, SteadyTime now);
  Sighting sighting(const std::string& path) const;

  Objects objects_;
  std::map<std::string, SteadyTime> heard_;  ///< by device path
};

/// "/org/bluez/hci0" -> "hci0"
std::string last_part(const std::string& path);
/// "ffe1" -> "0000ffe1-0000-1000-8000-00805f9b34fb"
std::string full_uuid(std::string_view short_form);
/// The way back, where it is one of the short ones.
std::string shown_uuid(const std::string& full);

}  // namespace cellwarden::ble
