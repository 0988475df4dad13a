#pragma once
// The registers of a JK PB pack as bytes, by jk.md 3.3 and 3.4: big endian, the upper word first.
#include "tests/simulator/device.h"
#include "tests/simulator/jk_ble_frames.h"

namespace simulator {

/// From 1200 on, 110 (hex) bytes. Without T3 to T5 it is E0 bytes shorter at its end: 0 to EF.
Octets jk_live_area(const PackOptions& pack, const Snapshot& now, bool has_more_temps);
Octets jk_settings_area(const PackOptions& pack, int address);
Octets jk_device_area(const JkBleOptions& board);

}  // namespace simulator
