#pragma once
// Bluetooth counts from the low byte.
#include <initializer_list>
#include <string>

#include "tests/simulator/device.h"

namespace simulator::ble {

/// Bytes put together one after the other: Put().u8(0x1B).u16(handle).all(value).
class Put {
 public:
  Put& u8(int value) {
    bytes_.push_back(static_cast<std::uint8_t>(value & 0xFF));
    return *this;
  }
  Put& u16(int value) { return u8(value).u8(value >> 8); }
  Put& all(const Octets& bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  Put& text(const std::string& words) {
    bytes_.insert(bytes_.end(), words.begin(), words.end());
    return *this;
  }
  Put& zeros(std::size_t count) {
    bytes_.insert(bytes_.end(), count, 0);
    return *this;
  }
  std::size_t size() const { return bytes_.size(); }
  operator Octets() const { return bytes_; }

 private:
  Octets bytes_;
};

inline int u16_at(const Octets& bytes, std::size_t at) { return bytes.at(at) | bytes.at(at + 1) << 8; }

/// What stands from `at` on, at most `count` bytes.
inline Octets part(const Octets& bytes, std::size_t at, std::size_t count = std::string::npos) {
  if (at >= bytes.size()) return {};
  const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  return {from, from + static_cast<std::ptrdiff_t>(std::min(count, bytes.size() - at))};
}

}  // namespace simulator::ble
