#pragma once
// The sums that frames end with.
#include <numeric>

#include "protocols/bytes.h"

namespace cellwarden {

/// All bytes added, modulo 65536.
inline std::uint16_t sum16(Bytes covered) {
  return static_cast<std::uint16_t>(std::accumulate(covered.begin(), covered.end(), 0U));
}

/// CRC-16/MODBUS: polynomial 8005 reflected, begun with FFFF. Goes on the wire low byte first.
inline std::uint16_t crc16(Bytes covered) {
  std::uint16_t crc = 0xFFFF;
  for (const auto byte : covered) {
    crc = static_cast<std::uint16_t>(crc ^ byte);
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<std::uint16_t>(crc & 1 ? (crc >> 1) ^ 0xA001 : crc >> 1);
    }
  }
  return crc;
}

}  // namespace cellwarden
