#pragma once
// Daly's "D2" protocol on UART, RS485 and BLE: Modbus RTU, slave D2, of which only function 03 is used (daly.md 2).
// Frames are modbus_rtu.h's; here stand the registers. All are u16.
//
// live      0x00[32] cells mV      0x20[8] temperatures, raw - 40 C, FF = no sensor
//           0x28 pack voltage 0.1 V    0x29 (raw - 30000) x 0.1 A, + charging    0x2A state of charge 0.1 %
//           0x2B highest, 0x2C lowest cell mV    0x2F 0 at rest, 1 charging, 2 discharging    0x30 remaining 0.1 Ah
//           0x31 cells    0x32 temperature sensors    0x33 cycles    0x34 balancing    0x35 charge MOS
//           0x36 discharge MOS    0x39 power, W, unsigned    0x3A[4] fault bits (fault_bits.h), low byte first
// board     0x3E[2] balancing bits, bit 0 = cell 1    0x40 (raw - 30000) mA of balancing    0x42 MOS temperature, raw -
// 40
//           C, 0 = no sensor
// settings  0x80 capacity 0.1 Ah    0x89 0 LiFePO4, 1 Li-ion, 2 LTO    0x8B[4] cell high L1, L2, low L1, L2 mV
//           0x8F[4] pack, the same, 0.1 V    0x93[4] charge L1, L2, discharge L1, L2, (raw - 30000) x 0.1 A, the sign
//           is not to be relied on    0x97[8] charge high L1, L2, low L1, L2, discharge likewise, raw - 40 C, FF = off
//           0xA3 balancing from mV    0xA4 at a difference of mV    0xA8 MOS temperature, raw - 40 C
// identity  0xA9[8] software    0xB1[8] hardware    0xB9[16] machine code: ASCII, filled with 0 or spaces
//           0xC9[3] the password: never asked for, dropped when heard
//
// What a board does not have reads FFFF. The sign of 0x29 is that of captures, where 0x2F bears it out; Daly's own
// sheet has it the other way round (`invert_current`). Two sheets call 0x3E mileage: its bits are believed where 0x34
// agrees.
#include "protocols/daly/register_values.h"

namespace cellwarden::daly {

inline constexpr std::uint8_t d2_slave = 0xD2;

/// All that is ever asked. Each has a length of its own, so that no late reply is taken for another's.
inline constexpr Block live_block{0x00, 62}, board_block{0x3E, 9}, settings_block{0x80, 41}, identity_block{0xA9, 32};

Buffer read_request(Block block);

/// Zeros where a battery is measured: no values.
bool is_asleep(const Registers& registers);

// Each takes what the registers hold of its block and leaves the rest alone.

/// Needs 0x00..0x3D. `range`: intact, but no board has such counts.
Result<Reading> decode_live(const Registers& registers);
/// Of a reading that `decode_live` began.
void decode_board(const Registers& registers, Reading& into);
/// L1 warns and L2 cuts: Limits hold L2. `range`: intact, but no battery has such limits.
Result<Limits> decode_settings(const Registers& registers);
Identity decode_identity(const Registers& registers);

/// Whether the highest and the lowest cell that the board names are those of its list: what tells live registers from
/// any others where nobody heard what was asked.
bool agrees_with_itself(const Registers& registers, const Reading& reading);

}  // namespace cellwarden::daly
