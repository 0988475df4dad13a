#pragma once
// How patient the Bluetooth links are; tests hand in less.
#include <string>

#include "protocols/link.h"

namespace cellwarden::ble {

struct Times {
  Duration call = std::chrono::seconds(5);         ///< an answer of bluetoothd
  Duration list = std::chrono::seconds(15);        ///< its first, for which it may be started
  Duration sight = std::chrono::seconds(20);       ///< listening for a device before it is said not to be there
  Duration recent = std::chrono::seconds(20);      ///< so long after it was heard a device is in sight
  Duration look = std::chrono::seconds(3);         ///< without news for so long bluetoothd is asked: signals get lost
  Duration connect = std::chrono::seconds(20);     ///< a connection
  Duration services = std::chrono::seconds(20);    ///< from connected to services known
  Duration disconnect = std::chrono::seconds(6);   ///< BlueZ takes two for it
  Duration pair = std::chrono::seconds(30);        ///< a pairing
  Duration busy = std::chrono::milliseconds(500);  ///< after "in progress"
  Duration off = std::chrono::seconds(2);          ///< an adapter stays off when it is power-cycled
  Duration healthy = std::chrono::minutes(1);      ///< so long after a good frame a link must not be disturbed
};

struct BluezSettings {
  std::string bus_address = {};                          ///< empty: the system's bus
  int max_links = 5;                                     ///< at one adapter
  std::string kernel_adapters = "/sys/class/bluetooth";  ///< where the kernel shows them; not there: none
  /// When no gentler way makes a pack speak: alone: unless another pack on the adapter is healthy.
  enum class PowerCycle { alone, always, never } power_cycle = PowerCycle::alone;
  Times times = {};
  bool operator==(const BluezSettings& other) const {
    return bus_address == other.bus_address && max_links == other.max_links && power_cycle == other.power_cycle;
  }
};

}  // namespace cellwarden::ble
