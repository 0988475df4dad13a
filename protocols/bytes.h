#pragma once
// Numbers at offsets. Reading past the end is a bug of the caller: check the length first.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cellwarden {

using Bytes = std::span<const std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

inline std::uint16_t u16_be(Bytes data, std::size_t at) {
  return static_cast<std::uint16_t>(data[at] << 8 | data[at + 1]);
}
inline std::uint32_t u32_be(Bytes data, std::size_t at) {
  return static_cast<std::uint32_t>(u16_be(data, at)) << 16 | u16_be(data, at + 2);
}
inline std::int16_t s16_be(Bytes data, std::size_t at) { return static_cast<std::int16_t>(u16_be(data, at)); }

inline std::uint16_t u16_le(Bytes data, std::size_t at) {
  return static_cast<std::uint16_t>(data[at] | data[at + 1] << 8);
}
inline std::uint32_t u32_le(Bytes data, std::size_t at) {
  return u16_le(data, at) | static_cast<std::uint32_t>(u16_le(data, at + 2)) << 16;
}
inline std::int16_t s16_le(Bytes data, std::size_t at) { return static_cast<std::int16_t>(u16_le(data, at)); }
inline std::int32_t s32_le(Bytes data, std::size_t at) { return static_cast<std::int32_t>(u32_le(data, at)); }
/// IEEE 754; may be no number at all.
inline float f32_le(Bytes data, std::size_t at) { return std::bit_cast<float>(u32_le(data, at)); }

}  // namespace cellwarden
