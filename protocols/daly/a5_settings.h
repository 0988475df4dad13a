#pragma once
// What a Daly tells of its settings and of itself (daly.md 1.3). Eight payload bytes, or a list's joined text.
//
// 0x50  0 u32 rated capacity mAh   4 u32 reference cell mV
// 0x53  1 u8 0 LiFePO4, 1 Li-ion, 2 LTO   2 u8[3] production date, year - 2000, month, day
// 0x59  u16[4] cell high L1, L2, low L1, L2, mV             0x5A  the same of the pack, 0.1 V
// 0x5B  u16[4] two pairs L1, L2 of current, (raw - 30000) x 0.1 A: charge limits lie below 30000, discharge above
// 0x5F  0 u16 balance start mV   2 u16 balance difference mV
// 0x54  ASCII firmware index     0x57  list of 5 x 7 ASCII: battery code
// 0x62, 0x63  list of 2 x 7 ASCII: software, hardware version
//
// L1 warns and L2 cuts: Limits hold L2. 0x5C to 0x5E (temperatures, differences) have no confirmed layout: unused.
#include <string>

#include "protocols/battery.h"
#include "protocols/framing.h"

namespace cellwarden::daly {

/// `range`: intact, but no battery has such limits.
Result<Limits> decode_capacity(Bytes payload);
Result<Limits> decode_cell_limits(Bytes payload);
Result<Limits> decode_pack_limits(Bytes payload);
Result<Limits> decode_current_limits(Bytes payload);
Result<Limits> decode_balance_limits(Bytes payload);

struct Battery {
  std::optional<std::string> chemistry, manufactured;
};
Battery decode_battery(Bytes payload);

/// Empty when there is no text in it.
std::optional<std::string> decode_text(Bytes data);

}  // namespace cellwarden::daly
