#pragma once
// The Bluetooth half of `cellwarden scan`.
#include <string>
#include <vector>

#include "daemon/links/ble_objects.h"
#include "protocols/adapter.h"

namespace cellwarden {

struct BluetoothSight {
  struct Device {
    ble::Sighting seen;
    std::string adapter;                     ///< "hci0"
    std::vector<const Protocol*> protocols;  ///< it may speak; empty: it does not look like a BMS
  };
  std::vector<Device> devices;  ///< those that look like a BMS first, then by strength
  std::string why_not;          ///< what is missing, where nothing could be looked for
};

/// Listens with the first adapter for so long.
BluetoothSight look_around(Duration time);

/// By its name; else by its maker; else by its services.
std::vector<const Protocol*> looks_like(const ble::Sighting& seen);

/// The lines for the config.
std::string pack_lines(const BluetoothSight::Device& device, int number);

}  // namespace cellwarden
