#pragma once
// What a board of each protocol shows over Bluetooth: its services, its advertisement, the length of its
// notifications. jk.md 1.1, daly.md 4, jbd.md 4.
#include <string_view>

#include "tests/simulator/ble/peripheral.h"
#include "tests/simulator/keys.h"

namespace simulator::ble {

extern const std::string_view ble_keys;  ///< for --help

/// By the pack's keys, `ble` being its address.
PeripheralOptions peripheral_options(Keys& keys);

}  // namespace simulator::ble
