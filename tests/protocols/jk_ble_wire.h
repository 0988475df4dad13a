#pragma once
// JK frames over Bluetooth as tests have and hear them. Sums are worked out here from jk.md 1.4, not by the codec.
#include <fstream>
#include <nlohmann/json.hpp>

#include "protocols/jk/ble_decoder.h"
#include "tests/protocols/heard.h"

namespace cellwarden::test {

inline Heard hear(const Chunks& chunks) {
  Heard heard = hear(jk::BleDecoder(), {}, chunks);
  for (const int address : heard.addresses) CHECK(address == 0);
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
