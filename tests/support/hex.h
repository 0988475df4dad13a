#pragma once
// Bytes as tests write them.
#include <cctype>
#include <string>
#include <string_view>

#include "protocols/bytes.h"

namespace cellwarden {

inline Buffer from_hex(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (!std::isspace(static_cast<unsigned char>(c))) digits += c;
  }
  Buffer bytes;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(digits.substr(at, 2), nullptr, 16)));
  }
  return bytes;
}

inline Buffer operator+(Buffer left, const Buffer& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

}  // namespace cellwarden
