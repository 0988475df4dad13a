#pragma once
// What passes on an RS485 line of JK packs (jk.md 3.2, 3.5): Modbus RTU, and among it the 300 bytes of the Bluetooth
// frames. Whoever listens hears requests and answers alike.
//
//   read       address | 03 | start | count | crc                  start BE, CRC low byte first
//   registers  address | 03 | bytes u8 | u16[bytes / 2] | crc
//   refusal    address | 83 or 90 | code u8 | crc
//   trigger    address | 10 | what | 00 01 | 02 | 00 00 | crc      what: 1620 cells, 161E settings, 161C device
//   data       55 AA EB 90 | type | .. | sum                       ble_frames.h; answers a trigger, with
//   done       address | 10 | what | 00 01 | crc                   behind it: the only word of who answered
//   pad        00                                                  behind data and done, or not
//
// A trigger is a write on the wire, though of nothing: it may be sent only when the owner said so (`jk_trigger`).
// Writes of others, function 10 elsewhere, are heard as such and mean nothing.
#include "protocols/jk/ble_frames.h"
#include "protocols/modbus_rtu.h"

namespace cellwarden::jk {

inline constexpr int highest_address = 15;

/// The three registers that answer with a frame when they are written.
enum class Trigger : std::uint16_t { device = 0x161C, settings = 0x161E, cells = 0x1620 };

Buffer trigger_request(std::uint8_t address, Trigger what);

struct LineFrame {
  enum Kind { pad, read, registers, refusal, trigger, other_write, data, done } kind;
  int address = 0;            ///< not of `data` and `pad`
  std::uint8_t function = 0;  ///< of a refusal: what is refused
  std::uint16_t start = 0;    ///< of requests and `done`
  std::uint16_t count = 0;
  Bytes payload = {};  ///< the registers; or all of `data`
};

/// Where the first frame ends in what has arrived so far. `pad_may_come`: data or done was the last.
FrameStep next_line_frame(Bytes received, bool pad_may_come);
/// Takes a frame that `next_line_frame` found.
LineFrame open_line_frame(Bytes frame);

/// The trigger that is answered with such data; none of the logbook.
std::optional<Trigger> trigger_of(Bytes data);
/// Of settings: the address that the pack itself has, by its switches.
std::uint32_t own_address(Bytes settings);

/// Cells of 32S that make sense: numbered without a gap, they add up to the pack, and its two voltages agree. The sum
/// of eight bits lets one in 256 damaged frames pass.
bool is_sound(Bytes cells);

}  // namespace cellwarden::jk
