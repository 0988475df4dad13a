#pragma once
// A Bluetooth address, public or random static.
#include <string>

#include "tests/simulator/device.h"

namespace simulator::ble {

struct Address {
  Octets bytes;  ///< six, as they are printed: the wire has them the other way round
  bool random = false;

  /// The type's byte and the address, as HCI has them together.
  Octets on_the_wire() const;
};

/// "C8:47:8C:01:02:03"; empty bytes when it is none. A random static one has its two top bits set.
Address address_from(const std::string& text, bool random);

}  // namespace simulator::ble
