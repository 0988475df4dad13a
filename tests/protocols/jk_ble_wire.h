#pragma once
// JK frames over Bluetooth as tests have and hear them. Sums are worked out here from jk.md 1.4, not by the codec.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "protocols/jk/ble_decoder.h"
#include "tests/support/hex.h"

namespace cellwarden::test {

struct Heard : Sink {
  int good = 0;
  std::map<FrameError, int> rejected;
  std::vector<Reading> readings;
  std::vector<Limits> limits;
  std::vector<Identity> identities;

  void emit(Event event) override {
    CHECK(event.address == 0);
    if (auto* bad = std::get_if<Rejected>(&event.what)) ++rejected[bad->why];
    if (std::holds_alternative<GoodFrame>(event.what)) ++good;
    if (auto* reading = std::get_if<Reading>(&event.what)) readings.push_back(*reading);
    if (auto* limit = std::get_if<Limits>(&event.what)) limits.push_back(*limit);
    if (auto* identity = std::get_if<Identity>(&event.what)) identities.push_back(*identity);
  }
  bool operator==(const Heard& other) const {
    return good == other.good && rejected == other.rejected && readings == other.readings && limits == other.limits &&
           identities == other.identities;
  }
};

inline Buffer operator+(Buffer left, const Buffer& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

using Chunks = std::vector<Buffer>;

inline Chunks cut(const Buffer& stream, std::size_t size) {
  Chunks chunks;
  for (std::size_t at = 0; at < stream.size(); at += size) {
    const auto from = stream.begin() + static_cast<std::ptrdiff_t>(at);
    chunks.emplace_back(from, from + static_cast<std::ptrdiff_t>(std::min(size, stream.size() - at)));
  }
  return chunks;
}

inline Heard hear(const Chunks& chunks) {
  Heard heard;
  jk::BleDecoder decoder;
  for (const Buffer& chunk : chunks) decoder.feed(Direction::from_bms, chunk, heard);
  decoder.finish(heard);
  return heard;
}
inline Heard hear(const Buffer& stream) { return hear(Chunks{stream}); }

/// The sum made to fit again.
inline Buffer sealed(Buffer frame) {
  unsigned sum = 0;
  for (std::size_t i = 0; i + 1 < frame.size(); ++i) sum += frame[i];
  frame.back() = static_cast<std::uint8_t>(sum);
  return frame;
}
inline Buffer with(Buffer frame, std::size_t at, const Buffer& bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) frame.at(at + i) = bytes[i];
  return sealed(std::move(frame));
}

inline const nlohmann::json& jk_ble_collection() {
  static const auto all = nlohmann::json::parse(std::ifstream(TEST_DATA "/protocols/frames/jk_ble.json"));
  return all;
}
inline const nlohmann::json& jk_ble_entry(const std::string& name) {
  for (const auto& entry : jk_ble_collection()) {
    if (entry["name"] == name) return entry;
  }
  throw std::out_of_range(name);
}
inline Buffer jk_ble_bytes(const std::string& name) { return from_hex(jk_ble_entry(name)["bytes"].get<std::string>()); }
/// The first 300 bytes: some were captured with what was glued to them.
inline Buffer jk_ble_frame(const std::string& name) {
  Buffer bytes = jk_ble_bytes(name);
  bytes.resize(300);
  return bytes;
}
inline Chunks jk_ble_chunks(const std::string& name) {
  Chunks chunks;
  for (const auto& chunk : jk_ble_entry(name)["chunks"]) chunks.push_back(from_hex(chunk.get<std::string>()));
  return chunks;
}

inline const Buffer acknowledge = from_hex("AA5590EB C80101 000000000000000000000000 44");
inline const Buffer at_noise = from_hex("41540D0A");

}  // namespace cellwarden::test
