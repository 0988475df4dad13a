#pragma once
// Daly "A5" frames on UART, RS485 and BLE (daly.md 1). Requests and replies are 13 bytes alike:
//
//   A5 | address | command | 08 | payload[8] | sum           sum: low byte of the sum of all bytes before it
//        request: 40 + board - 1 (80 Bluetooth app, 20 GPRS)
//        reply:   board, 1..16
//   A list (0x95, 0x96) comes in several such frames; payload byte 0 is the frame's number, from 1 (a5_list.h).
//   Bytes that are not named here hold leftovers of earlier answers.
//
// 0x90  0 u16 pack voltage 0.1 V   4 u16 (raw - 30000) x 0.1 A, + discharging   6 u16 state of charge 0.1 %
// 0x91  0 u16 highest cell mV   2 u8 its number   3 u16 lowest cell mV   5 u8 its number
// 0x93  0 u8 0 at rest, 1 charging, 2 discharging   1 u8 charge MOS   2 u8 discharge MOS   4 u32 remaining mAh
// 0x94  0 u8 cells   1 u8 temperature sensors   2 u8 charger there   3 u8 load there   5 u16 cycles
// 0x95  list of u16[3] cell mV        0x96  list of u8[7] temperature, raw - 40 C; 00 and FF = no sensor
// 0x97  0 u8[6] balancing bits, byte 0 bit 0 = cell 1        0x98  0 u8[7] fault bits (fault_bits.h)   7 u8 code
//
// Asleep, a board is silent or answers zeros: 0 V, 0 cells, raw current 0. That is no measurement.
#include <cstdint>
#include <optional>
#include <vector>

#include "protocols/framing.h"

namespace cellwarden::daly {

/// All that is ever asked: reads of daly.md 4a that say something of use. 0x92 says nothing that 0x96 does not.
enum class Command : std::uint8_t {
  pack = 0x90,
  cell_extremes = 0x91,
  state = 0x93,
  counts = 0x94,
  cells = 0x95,
  temps = 0x96,
  balancing = 0x97,
  faults = 0x98,
  capacity = 0x50,
  battery = 0x53,
  firmware = 0x54,
  battery_code = 0x57,
  cell_limits = 0x59,
  pack_limits = 0x5A,
  current_limits = 0x5B,
  balance_limits = 0x5F,
  software = 0x62,
  hardware = 0x63
};

inline constexpr std::uint8_t first_host = 0x40, bluetooth_host = 0x80, gprs_host = 0x20;
inline constexpr int most_boards = 16;
inline constexpr std::size_t frame_size = 13;

/// `fill`: the eight payload bytes, 00 or AA.
Buffer read_request(std::uint8_t host, Command command, std::uint8_t fill = 0x00);

/// Where the first frame, of either direction, ends in what has arrived so far.
FrameStep next_frame(Bytes received);

struct Frame {
  std::uint8_t address, command;
  Bytes payload;  ///< eight bytes
};
/// Takes a frame that `next_frame` found apart.
Frame open_frame(Bytes frame);
/// The board that listens to this host address; none for 80 and 20, which any board may answer.
std::optional<int> board_of_host(std::uint8_t host);

struct PackValues {
  double pack_v, current_a, soc_pct;  ///< + charging
  bool asleep;                        ///< zeros: no values
};
struct CellExtremes {
  double max_v, min_v;
};
struct State {
  enum Flow { at_rest, charging, discharging } flow;
  bool charge_on, discharge_on;
  std::optional<double> remaining_ah;  ///< 0 until the board has seen a full charge: not known then
};
struct Counts {
  int cells, temps, cycles;
};
struct Faults {
  std::uint64_t bits;  ///< byte 0 lowest
  std::uint8_t code;
};

// All take the eight bytes of a payload. `range`: intact, but no board says so.
Result<PackValues> decode_pack(Bytes payload);
Result<CellExtremes> decode_cell_extremes(Bytes payload);
Result<State> decode_state(Bytes payload);
Result<Counts> decode_counts(Bytes payload);
/// Bit 0 is cell 1.
std::uint64_t decode_balancing(Bytes payload);
Faults decode_faults(Bytes payload);

using Values = std::vector<std::optional<double>>;

/// `data`: a list's frames without their numbers. `length` when they hold fewer than `count`.
Result<Values> decode_cells(Bytes data, int count);
Result<Values> decode_temps(Bytes data, int count);
/// How many a list holds where 0x94 was never heard. Leftovers repeat what the frame before held at the same place:
/// where that cannot be ruled out the count is not known.
std::optional<int> cells_in(Bytes data);
std::optional<int> temps_in(Bytes data);

}  // namespace cellwarden::daly
