#pragma once
// Daly's H, K, M and S boards and ESS on UART, RS485 and BLE: Modbus RTU but for its addresses, of which only function
// 03 is used (daly.md 3). Board n (1..16) is asked as 0x80 + n and answers as 0x50 + n. All registers are u16.
//
// measured  0x00[48] cells mV      0x30[8] temperatures, raw - 40 C, FF = no sensor
//           0x38 pack voltage 0.1 V    0x39 (raw - 30000) x 0.1 A, + charging    0x3A state of charge 0.1 %
//           0x3B counts up once a second: no state of health    0x3C cells    0x3D temperature sensors
//           0x3E highest cell mV, 0x3F its number
// state     0x48 0 at rest, 1 charging, 2 discharging    0x4B remaining 0.1 Ah    0x4C cycles    0x4D balancing
//           0x4E (raw - 30000) mA of balancing, 0 = none    0x4F[3] balancing bits, bit 0 = cell 1
//           0x52 charge MOS    0x53 discharge MOS    0x5A MOS temperature, raw - 40 C, FF = no sensor
//           0x6D[7] alarms (alarm_levels.h)
// settings  0x109 u32 capacity mAh    0x11A balancing from mV    0x11B at a difference of mV
// limits    groups of L1, L2, release, delay: 0x130 cell high, 0x134 low mV    0x138 pack high, 0x13C low 0.1 V
//           0x140 charge, 0x145 discharge: L1, L2, delay, L3, delay, (raw - 30000) x 0.1 A, the sign is not to be
//           relied on    0x14A charge temperature high, 0x14E low, raw - 40 C; its release is behind 0x150
// identity  0x178[14] software, 0x186[7] hardware, 0x18D[12] machine code: ASCII, filled with 0 or spaces
//           0x126[3] the password: never asked for, dropped when heard
//
// What a board does not have reads FFFF.
#include "protocols/daly/register_values.h"

namespace cellwarden::daly {

inline constexpr int most_hkms_boards = 16;
inline constexpr std::uint8_t hkms_asked = 0x80, hkms_answers = 0x50;  ///< the board's number is added

// All that is ever asked. The live ones in two parts, as Daly's app reads them; each has a length of its own, so that
// no late reply is taken for another's; the settings leave out the password and what switches MOSFETs.
inline constexpr Block measured_block{0x00, 64}, state_block{0x41, 62}, hkms_settings_block{0x100, 29},
    hkms_limits_block{0x130, 33}, hkms_identity_block{0x178, 74};

/// Zeros where a battery is measured: no values.
bool is_hkms_asleep(const Registers& registers);

// Each takes what the registers hold of its block and leaves the rest alone.

/// Needs 0x00..0x3D. `range`: intact, but no board has such counts.
Result<Reading> decode_measured(const Registers& registers);
/// Of a reading that `decode_measured` began; needs 0x41..0x73.
void decode_state(const Registers& registers, Reading& into);
/// L1 warns and L2 cuts: Limits hold L2. `range`: intact, but no battery has such limits.
Result<Limits> decode_hkms_settings(const Registers& registers);
Identity decode_hkms_identity(const Registers& registers);

/// Whether the highest cell that the board names is that of its list: what tells measured registers from any others
/// where nobody heard what was asked.
bool agrees_with_highest(const Registers& registers, const Reading& reading);

}  // namespace cellwarden::daly
