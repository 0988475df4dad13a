#pragma once
// Bytes as tests write them.
#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

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

/// What a link hands over at a time.
using Chunks = std::vector<Buffer>;

inline Chunks cut(const Buffer& stream, std::size_t size) {
  Chunks chunks;
  for (std::size_t at = 0; at < stream.size(); at += size) {
    const auto from = stream.begin() + static_cast<std::ptrdiff_t>(at);
    chunks.emplace_back(from, from + static_cast<std::ptrdiff_t>(std::min(size, stream.size() - at)));
  }
  return chunks;
}

}  // namespace cellwarden
