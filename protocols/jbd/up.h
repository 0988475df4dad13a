#pragma once
// JBD's UP series (UP16S010 to UP16S020) on RS485: frames like Modbus and not Modbus (jbd.md 5).
//
//   unit u8 | function u8 | start u16 | end u16 | length u16 | data[length] | crc       crc: as Modbus, low byte first
//
// A request has no data; its answer repeats unit, function, start and end. Functions: 78 reads a block, 45 reads the
// unit's own status (of the unit on this very port); 79 writes, is understood when heard and never sent.
//
// 78 1000-10A0, status
//   0  u16  pack voltage 0.01 V                      4  u32  current (raw - 300000) x 0.01 A, + charging
//   8  u16  state of charge 0.01 % (whole % of a slave)
//  10  u16  remaining 0.01 Ah   12  u16  full 0.01 Ah   14  u16  rated 0.01 Ah   16  u16  MOS temperature
//  22  u16  state of health %   24  u32  faults        28  u32  alarms (up_tables.h)
//  32  u16  b0 discharge MOS, b1 charge MOS           36  u16  cycles
//  58  u16  charge voltage that is asked for, 0.1 V; 60 to 65 the currents and the voltage it would have, of unit 1 all
//           packs' together
//  66  u16  cells c   then u16[c] mV, u16 sensors t, u16[t] temperatures, u16 unknown, u16 balancing bits (bit 0 = cell
//           1), u16 firmware (high byte . low byte; of a slave one byte), 30 ASCII serial; what follows is unknown
//           temperatures are (raw - 500) x 0.1 C
// 78 1800-1900, thresholds: u16 value, release, delay, in the order of the alarm bits, what warns before what cuts
//   0, 6 cell high mV    12, 18 cell low mV    24, 30 pack high 0.01 V    36, 42 pack low 0.01 V
//  48 charge current, warns; 54 first limit, delay, pause, times; 62 second limit, delay, pause; 68 to 87 the same of
//           discharge; 0.1 A
//  88, 94 charge hot    100, 106 charge cold    112, 118 discharge hot    124, 130 discharge cold    136, 142 MOS hot
//           Behind 48 by one capture alone: a group that contradicts itself is none.
// 78 1C00-1CA0, identity: 4 u16 balancing from mV, 6 u16 at a difference of mV, 16 30 ASCII serial of the BMS, 46 u16
//           year, month, day, 52 30 ASCII serial of the pack, 88 product, ASCII
// 78 2810-283C, product: 2 u16 hardware revision, 4 u16[3] firmware, 12 16 ASCII model
// 45 0000-0054, own status: u16 cells c, u16[c] mV, u16 highest, lowest mV, then (c = 16)
//  38  u16  pack voltage 0.01 V   48  u16  full 0.01 Ah   50  u16  remaining 0.01 Ah   52  u16  cycles
//  54  u16  state of charge %     56  u16  state of health %   62  u16  b0 discharge MOS, b1 charge MOS
// 106  u8   sensors t             108 u16[t] temperatures 0.1 K - 2731
//
// Never asked for: what begins at 2000 (some firmware reports a discharge limit of 0 for a moment then), 2900 (writes).
#include <optional>
#include <string>

#include "protocols/battery.h"
#include "protocols/framing.h"

namespace cellwarden::jbd::up {

inline constexpr int most_units = 16;

enum class Function : std::uint8_t { own_status = 0x45, read = 0x78, write = 0x79 };

struct Block {
  Function function;
  std::uint16_t start, end;
  bool operator==(const Block&) const = default;
};
/// All that is ever asked.
inline constexpr Block status_block{Function::read, 0x1000, 0x10A0}, thresholds_block{Function::read, 0x1800, 0x1900},
    identity_block{Function::read, 0x1C00, 0x1CA0}, product_block{Function::read, 0x2810, 0x283C},
    own_status_block{Function::own_status, 0x0000, 0x0054};

Buffer read_request(int unit, const Block& block);

/// Where the first frame, of either direction, ends in what has arrived so far.
FrameStep next_frame(Bytes received);
struct Frame {
  int unit;
  Block block;
  Bytes data;  ///< empty: a request, or what answers a write
};
/// Takes a frame that `next_frame` found apart.
Frame open_frame(Bytes frame);

// Each takes a block's data. `length`: shorter than its own counts say; `range`: intact, but no board has such values.

struct Status {
  Reading reading;
  Limits limits;      ///< cell_count, capacity_ah, requested_charge_v
  Identity identity;  ///< of the pack: serial, software
};
Result<Status> decode_status(Bytes data);
/// Zeros where a battery is measured.
bool is_asleep(Bytes status);

Result<Limits> decode_thresholds(Bytes data);

struct About {
  Identity identity;  ///< serial, manufactured; as model what the pack is sold as
  Limits limits;      ///< balancing
};
Result<About> decode_identity(Bytes data);
Result<Identity> decode_product(Bytes data);

/// What the unit on this port says of itself, its current apart: that has no confirmed unit.
Result<Reading> decode_own_status(Bytes data);

}  // namespace cellwarden::jbd::up
