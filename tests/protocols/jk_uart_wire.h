#pragma once
// JK UART frames as tests build and hear them. Lengths and sums are worked out here from jk.md 2, not by the codec.
#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "protocols/jk/uart_decoder.h"
#include "tests/support/hex.h"

namespace cellwarden {

struct Heard : Sink {
  int good = 0;
  std::map<FrameError, int> rejected;
  std::vector<Reading> readings;
  std::vector<Limits> limits;
  std::vector<Identity> identities;

  void emit(Event event) override {
    if (auto* bad = std::get_if<Rejected>(&event.what)) ++rejected[bad->why];
    if (std::holds_alternative<GoodFrame>(event.what)) ++good;
    if (auto* reading = std::get_if<Reading>(&event.what)) readings.push_back(*reading);
    if (auto* limit = std::get_if<Limits>(&event.what)) limits.push_back(*limit);
    if (auto* identity = std::get_if<Identity>(&event.what)) identities.push_back(*identity);
  }
};

inline Buffer operator+(Buffer left, const Buffer& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline const Buffer read_all = from_hex("4E5700130000000006030000000000006800000129");

/// 4E 57, length, terminal, 06 00 kind, tags, record, 68, 00 00, sum.
inline Buffer jk_frame(const Buffer& tags, std::uint8_t kind = 1) {
  Buffer frame = from_hex("4E57 0000 00000000 0600");
  frame.push_back(kind);
  frame = frame + tags + from_hex("00000000 68 0000 0000");
  const std::size_t length = frame.size() - 2;
  frame[2] = static_cast<std::uint8_t>(length / 256), frame[3] = static_cast<std::uint8_t>(length % 256);
  unsigned sum = 0;
  for (const auto byte : frame) sum += byte;
  frame[frame.size() - 2] = static_cast<std::uint8_t>(sum / 256 % 256),
                       frame.back() = static_cast<std::uint8_t>(sum % 256);
  return frame;
}

/// `stream` fed in chunks of `chunk` bytes; no request was heard.
inline Heard hear(const Buffer& stream, std::size_t chunk = 4096) {
  Heard heard;
  jk::UartDecoder decoder;
  for (std::size_t at = 0; at < stream.size(); at += chunk) {
    decoder.feed(Direction::from_bms, Bytes(stream).subspan(at, std::min(chunk, stream.size() - at)), heard);
  }
  decoder.finish(heard);
  return heard;
}

inline nlohmann::json jk_uart_collection() {
  return nlohmann::json::parse(std::ifstream(TEST_DATA "/protocols/frames/jk_uart.json"));
}
/// A captured good frame: 14 cells, firmware 6.1.3S, charging with 2.08 A.
inline Buffer captured_14s() { return from_hex(jk_uart_collection()[0]["bytes"].get<std::string>()); }

}  // namespace cellwarden
