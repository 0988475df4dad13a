#pragma once
// Modbus RTU frames made by the rule, apart from the codec: one mistake must not hide on both sides.
#include <vector>

#include "protocols/bytes.h"

namespace modbus_test {

using cellwarden::Buffer;
using cellwarden::Bytes;

/// CRC-16 by the division of the specification: the bits as they are sent, lowest first, through x^16 + x^15 + x^2 + 1.
inline unsigned crc(Bytes covered) {
  unsigned divided = 0xFFFF;  // its highest power in the lowest bit
  for (std::size_t bit = 0; bit < 8 * covered.size(); ++bit) {
    const unsigned in = covered[bit / 8] >> bit % 8 & 1;
    const bool carry = ((divided & 1) ^ in) != 0;
    divided >>= 1;
    if (carry) divided ^= 1U << 15 | 1U << 13 | 1U << 0;
  }
  return divided;
}

inline Buffer with_crc(Buffer frame) {
  const unsigned sum = crc(frame);
  frame.push_back(static_cast<std::uint8_t>(sum & 0xFF));
  frame.push_back(static_cast<std::uint8_t>(sum >> 8));
  return frame;
}

inline void put(Buffer& frame, int word) {
  frame.push_back(static_cast<std::uint8_t>(word >> 8 & 0xFF));
  frame.push_back(static_cast<std::uint8_t>(word & 0xFF));
}

inline Buffer read(std::uint8_t address, int start, int count) {
  Buffer frame{address, 0x03};
  put(frame, start);
  put(frame, count);
  return with_crc(frame);
}
inline Buffer reply(std::uint8_t address, const std::vector<int>& registers) {
  Buffer frame{address, 0x03, static_cast<std::uint8_t>(2 * registers.size())};
  for (const int value : registers) put(frame, value);
  return with_crc(frame);
}
inline Buffer refusal(std::uint8_t address, std::uint8_t code = 2) { return with_crc({address, 0x83, code}); }

/// Length of the intact reply that the bytes begin with, 0 when none does.
inline std::size_t intact_reply(Bytes at, std::uint8_t address) {
  if (at.size() < 5 || at[0] != address) return 0;
  std::size_t size = 0;
  if (at[1] == 0x03) size = at[2] == 0 ? 8 : at[2] + 5U;
  if (at[1] == 0x06 || at[1] == 0x10) size = 8;
  if (at[1] == 0x83 || at[1] == 0x86 || at[1] == 0x90) size = 5;
  if (size == 0 || size > at.size()) return 0;
  const unsigned sum = at[size - 2] | static_cast<unsigned>(at[size - 1]) << 8;
  return crc(at.first(size - 2)) == sum ? size : 0;
}

}  // namespace modbus_test
