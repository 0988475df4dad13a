#pragma once
// Modbus RTU frames over any byte link: BLE, captures, a line that is listened to. Registers are only read: there is
// nothing here that makes a write.
//
//   request   address | 03 | start | count | crc
//   reply     address | 03 | bytes u8 | u16[bytes / 2] | crc          crc: CRC-16, low byte first; all else BE
//   refusal   address | 83 | code u8 | crc
//
// Heard, never sent: writes of others, 06 (register, value) and 10 (start, count, bytes, data), answered in eight
// bytes.
#include <chrono>

#include "protocols/framing.h"

namespace cellwarden::modbus {

/// The most that one reply can hold.
inline constexpr std::size_t most_registers = 125;

/// A gateway of Modbus TCP waits half a second to two, by its settings, and then says that nobody answers.
inline constexpr std::chrono::seconds gateway_limit{2};

Buffer read_request(std::uint8_t address, std::uint16_t start, std::uint16_t count);

/// Where the first reply, or request, of this address ends in what has arrived so far. Among replies a request of our
/// own that comes back (RS485) is a frame too: known by `asked`, or because its start is below 0100 and no reply holds
/// 0 bytes.
FrameStep next_reply(Bytes received, std::uint8_t address, Bytes asked = {});
FrameStep next_request(Bytes received, std::uint8_t address);

struct Request {
  std::uint8_t function;  ///< 03, or another's write
  std::uint16_t start, count;
  bool operator==(const Request&) const = default;
};
struct Reply {
  enum Kind { registers, done, refused, echo } kind;  ///< `done`: answers a write
  std::uint8_t function;                              ///< of the request
  Bytes data;                                         ///< of `registers`
};
/// Takes a frame that `next_*` found apart.
Request open_request(Bytes frame);
Reply open_reply(Bytes frame);

/// Registers as one reply brought them, by their own numbers.
struct Registers {
  std::size_t first;
  Bytes data;

  bool hold(std::size_t reg, std::size_t count = 1) const { return reg >= first && reg + count <= first + count_all(); }
  std::uint16_t operator[](std::size_t reg) const { return u16_be(data, 2 * (reg - first)); }
  /// Of `count` registers the bytes.
  Bytes bytes(std::size_t reg, std::size_t count) const { return data.subspan(2 * (reg - first), 2 * count); }

 private:
  std::size_t count_all() const { return data.size() / 2; }
};

}  // namespace cellwarden::modbus
