#pragma once
// What Daly's 56 fault bits mean in our words (daly.md 1.2, 0x98). L1 warns, L2 acts. D2's fault words hold the same
// bytes.
#include <cstdint>
#include <vector>

#include "protocols/battery.h"

namespace cellwarden::daly {

struct FaultNames {
  std::vector<Alarm> alarms, warnings;  ///< each once, in the order of the bits
};

/// Byte 0 in the lowest bits. Reserved bits raise nothing: a healthy board was seen to set one.
FaultNames names_of(std::uint64_t fault_bits);

}  // namespace cellwarden::daly
