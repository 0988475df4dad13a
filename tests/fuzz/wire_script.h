#pragma once
// A fuzzer's input as traffic on a wire: records of
//
//   u8   b0 to the BMS   b1 its length and sum are made to fit   b2-7 fed in chunks of that many bytes, 0 = all at once
//   u16  n (BE, 9 bits)
//   u8[n]
//
// No mutation gets past a checksum by chance: b1 mends the frame by its protocol's rule, so that what lies behind the
// sum is reached too. A protocol without a rule here is fuzzed all the same.
#include <algorithm>
#include <string_view>

#include "protocols/adapter.h"

namespace cellwarden::fuzz {

struct Record {
  Direction direction;
  bool mended;
  std::size_t chunk;
  Buffer bytes;
};

inline std::optional<Record> next_record(Bytes& input) {
  if (input.size() < 3) return std::nullopt;
  const std::uint8_t control = input[0];
  const std::size_t size = std::min<std::size_t>(u16_be(input, 1) & 0x1FF, input.size() - 3);
  const Bytes bytes = input.subspan(3, size);
  input = input.subspan(3 + size);
  return Record{control & 1 ? Direction::to_bms : Direction::from_bms,
                (control & 2) != 0,
                control >> 2 ? control >> 2 : std::max<std::size_t>(size, 1),
                {bytes.begin(), bytes.end()}};
}

inline void append_record(Buffer& to, Direction direction, Bytes bytes) {
  const std::size_t size = std::min<std::size_t>(bytes.size(), 0x1FF);
  to.push_back(direction == Direction::to_bms ? 3 : 2);
  to.push_back(static_cast<std::uint8_t>(size >> 8));
  to.push_back(static_cast<std::uint8_t>(size));
  to.insert(to.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
}

// Written from the protocols' descriptions, not with the codecs.
inline void put_u16(Buffer& frame, std::size_t at, std::size_t value) {
  frame[at] = static_cast<std::uint8_t>(value >> 8);
  frame[at + 1] = static_cast<std::uint8_t>(value);
}
inline unsigned sum(const Buffer& frame, std::size_t first, std::size_t end) {
  unsigned all = 0;
  for (std::size_t i = first; i < end; ++i) all += frame[i];
  return all;
}
/// CRC of Modbus bit by bit, over frame[first] to the end.
inline void put_crc(Buffer& frame, std::size_t first = 0) {
  const std::size_t size = frame.size();
  unsigned crc = 0xFFFF;
  for (std::size_t bit = 8 * first; bit < 8 * (size - 2); ++bit) {
    const bool carry = ((crc ^ frame[bit / 8] >> bit % 8) & 1) != 0;
    crc = crc >> 1 ^ (carry ? 0xA001U : 0U);
  }
  frame[size - 2] = static_cast<std::uint8_t>(crc), frame[size - 1] = static_cast<std::uint8_t>(crc >> 8);
}
/// Reads and refusals of Modbus, and requests.
inline void mend_modbus(std::uint8_t slave, Buffer& frame) {
  const std::size_t size = frame.size();
  frame[0] = slave, frame[1] = size == 5 ? 0x83 : 0x03;
  if (size > 8 && size <= 260) frame[2] = static_cast<std::uint8_t>(size - 5);
  put_crc(frame);
}
/// JK on RS485: 300 bytes of data, with an answer's last eight behind them from 308 on; a trigger of 11; else Modbus.
inline void mend_jk_line(Buffer& frame) {
  const std::size_t size = frame.size();
  if (size >= 300) {
    std::ranges::copy(Buffer{0x55, 0xAA, 0xEB, 0x90}, frame.begin());
    frame[299] = static_cast<std::uint8_t>(sum(frame, 0, 299));
    if (size >= 308) put_crc(frame, size - 8);
  } else if (size == 11) {
    frame[1] = 0x10, frame[2] = 0x16, frame[4] = 0, frame[5] = 1, frame[6] = 2;
    put_crc(frame);
  } else {
    mend_modbus(static_cast<std::uint8_t>(1 + frame[0] % 15), frame);
  }
}
inline void mend(std::string_view protocol, Buffer& frame) {
  const std::size_t size = frame.size();
  if (protocol == "jbd" && size >= 5 && size <= 37 && frame[0] == 0xFF) {
    frame[1] = 0xAA, frame[3] = static_cast<std::uint8_t>(size - 5);
    frame[size - 1] = static_cast<std::uint8_t>(sum(frame, 2, size - 1));
  } else if (protocol == "jbd" && size >= 7 && size <= 262) {
    frame[0] = 0xDD, frame[3] = static_cast<std::uint8_t>(size - 7), frame[size - 1] = 0x77;
    put_u16(frame, size - 3, 0x10000 - sum(frame, 2, size - 3));
  } else if (protocol == "jk-uart" && size >= 21) {
    frame[0] = 0x4E, frame[1] = 0x57, frame[size - 5] = 0x68;
    put_u16(frame, 2, size - 2);
    put_u16(frame, size - 2, sum(frame, 0, size - 2));
  } else if (protocol == "jk-ble" && (size == 20 || size >= 300)) {
    const Buffer start = size == 20 ? Buffer{0xAA, 0x55, 0x90, 0xEB} : Buffer{0x55, 0xAA, 0xEB, 0x90};
    std::ranges::copy(start, frame.begin());
    const std::size_t end = size == 20 ? 19 : 299;
    frame[end] = static_cast<std::uint8_t>(sum(frame, 0, end));
  } else if ((protocol == "jk-modbus" || protocol == "jk-listen") && size >= 5) {
    mend_jk_line(frame);
  } else if (protocol == "daly-a5" && size == 13) {
    frame[0] = 0xA5, frame[3] = 8, frame[12] = static_cast<std::uint8_t>(sum(frame, 0, 12));
  } else if (protocol == "daly-modbus" && size >= 5) {
    mend_modbus(0xD2, frame);
  } else if (protocol == "daly-hkms" && size >= 5) {
    // Asked as 80 + n, answered as 50 + n.
    mend_modbus(static_cast<std::uint8_t>((size == 8 ? 0x81 : 0x51) + frame[0] % 16), frame);
  } else if (protocol == "jbd-up" && size >= 10) {
    frame[0] = static_cast<std::uint8_t>(1 + frame[0] % 16);
    if (frame[1] != 0x45 && frame[1] != 0x79) frame[1] = 0x78;
    put_u16(frame, 6, size - 10);
    put_crc(frame);
  }
}

}  // namespace cellwarden::fuzz
