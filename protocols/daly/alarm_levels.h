#pragma once
// What the fourteen alarm bytes of Daly's newer boards mean in our words (daly.md 3, 0x6D to 0x73, the low byte of a
// register first). A level of 1 warns, a higher one acts.
#include <array>
#include <cstdint>

#include "protocols/daly/fault_bits.h"

namespace cellwarden::daly {

using AlarmBytes = std::array<std::uint8_t, 14>;

/// Each alarm once, in the order of the bits. Nothing is raised by what is no fault (a charger connected, a MOSFET
/// switched off by its owner), by reserved bits, nor by those of the parallel bus: a healthy board was seen to set one.
FaultNames names_of(const AlarmBytes& bytes);

}  // namespace cellwarden::daly
