#pragma once
// JK UART frames as tests build and hear them. Lengths and sums are worked out here from jk.md 2, not by the codec.
#include <fstream>
#include <nlohmann/json.hpp>

#include "protocols/jk/uart_decoder.h"
#include "tests/protocols/heard.h"

namespace cellwarden::test {

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
  return hear(jk::UartDecoder(), {}, cut(stream, chunk));
}

inline nlohmann::json jk_uart_collection() {
  return nlohmann::json::parse(std::ifstream(TEST_DATA "/protocols/frames/jk_uart.json"));
}
/// A captured good frame: 14 cells, firmware 6.1.3S, charging with 2.08 A.
inline Buffer captured_14s() { return from_hex(jk_uart_collection()[0]["bytes"].get<std::string>()); }

}  // namespace cellwarden::test
