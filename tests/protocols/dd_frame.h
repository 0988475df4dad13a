#pragma once
// DD frames made by the rule of jbd.md 1, apart from the codec: one mistake must not hide on both sides.
#include "protocols/bytes.h"

namespace cellwarden::test {

/// `second` and `third`: A5 and the register in a request, the register and the status in a reply.
inline Buffer dd_frame(std::uint8_t second, std::uint8_t third, const Buffer& data) {
  Buffer frame{0xDD, second, third, static_cast<std::uint8_t>(data.size())};
  frame.insert(frame.end(), data.begin(), data.end());
  unsigned sum = 0x10000;
  for (std::size_t i = 2; i < frame.size(); ++i) sum -= frame[i];
  frame.insert(frame.end(), {static_cast<std::uint8_t>(sum >> 8 & 0xFF), static_cast<std::uint8_t>(sum & 0xFF), 0x77});
  return frame;
}
inline Buffer dd_request(std::uint8_t reg, const Buffer& data = {}) { return dd_frame(0xA5, reg, data); }
inline Buffer dd_reply(std::uint8_t reg, const Buffer& data, std::uint8_t status = 0) {
  return dd_frame(reg, status, data);
}

inline Buffer words(const std::vector<int>& values) {
  Buffer data;
  for (const int value : values) {
    data.push_back(static_cast<std::uint8_t>(value >> 8 & 0xFF));
    data.push_back(static_cast<std::uint8_t>(value & 0xFF));
  }
  return data;
}

/// What 0x03 says, as its raw numbers.
struct BasicInfoData {
  int pack_10mv = 1328, current_10ma = -1234, remaining = 5000, nominal = 10000, cycles = 42, date = 0x2C7C;
  int balance = 0, protection = 0, software = 0x29, soc = 50, fets = 3, cells = 4;
  std::vector<int> temps = {2731 + 215, 2731 - 35};
  Buffer extension = {};

  Buffer bytes() const {
    Buffer data =
        words({pack_10mv, current_10ma, remaining, nominal, cycles, date, balance & 0xFFFF, balance >> 16, protection});
    for (const int byte : {software, soc, fets, cells, static_cast<int>(temps.size())})
      data.push_back(static_cast<std::uint8_t>(byte));
    const Buffer probes = words(temps);
    data.insert(data.end(), probes.begin(), probes.end());
    data.insert(data.end(), extension.begin(), extension.end());
    return data;
  }
};

}  // namespace cellwarden::test
