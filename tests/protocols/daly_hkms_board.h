#pragma once
// A Daly board of the H, K, M or S series with eight cells, as literal registers (daly.md 3), and what it must be heard
// to say.
#include <set>

#include "tests/protocols/daly_a5_board.h"
#include "tests/protocols/modbus_frame.h"

namespace hkms_test {

using namespace cellwarden;
using daly_test::Heard, daly_test::operator+;

inline Buffer ask(int start, int count, int board = 1) {
  return modbus_test::read(static_cast<std::uint8_t>(0x80 + board), start, count);
}
inline Buffer reply(const std::vector<int>& registers, int board = 1) {
  return modbus_test::reply(static_cast<std::uint8_t>(0x50 + board), registers);
}

inline const Buffer ask_measured = ask(0x00, 64), ask_state = ask(0x41, 62), ask_settings = ask(0x100, 29),
                    ask_limits = ask(0x130, 33), ask_identity = ask(0x178, 74);

/// `n` makes one poll tell from the next.
struct Board {
  int n = 0;
  int number = 1;
  std::map<int, int> other = {};  ///< registers that are not as below

  int cell(int i) const { return 3300 + 2 * i + n % 3; }

  int at(int reg) const {
    static const std::map<int, int> literal = {{0x30, 61},
                                               {0x38, 265},
                                               {0x3A, 778},
                                               {0x3B, 182},
                                               {0x3C, 8},
                                               {0x3D, 2},
                                               {0x3F, 8},
                                               {0x41, 1},
                                               {0x48, 2},
                                               {0x4B, 2178},
                                               {0x4C, 258},
                                               {0x4D, 1},
                                               {0x4E, 30000 + 150},
                                               {0x4F, 0x0080},
                                               {0x52, 1},
                                               {0x53, 1},
                                               {0x5A, 40 + 38},
                                               {0x5C, 0xFF},
                                               {0x109, 4},
                                               {0x10A, 51856},
                                               {0x117, 1000},
                                               {0x11A, 3400},
                                               {0x11B, 20},
                                               {0x130, 3600},
                                               {0x131, 3650},
                                               {0x132, 3500},
                                               {0x133, 1000},
                                               {0x134, 2800},
                                               {0x135, 2500},
                                               {0x136, 2900},
                                               {0x137, 1000},
                                               {0x138, 288},
                                               {0x139, 292},
                                               {0x13A, 280},
                                               {0x13C, 224},
                                               {0x13D, 200},
                                               {0x13E, 230},
                                               {0x140, 30000 - 800},
                                               {0x141, 30000 - 1000},
                                               {0x143, 30000 - 3000},
                                               {0x145, 30000 + 1200},
                                               {0x146, 30000 + 1500},
                                               {0x148, 30000 + 4000},
                                               {0x14A, 40 + 50},
                                               {0x14B, 40 + 55},
                                               {0x14C, 40 + 50},
                                               {0x14E, 40 + 5},
                                               {0x14F, 40},
                                               {0x150, 40 + 5},
                                               {0x178, 'T' << 8 | '1'},
                                               {0x186, 'H' << 8 | '2'},
                                               {0x18D, 'K' << 8 | ' '},
                                               // Low byte first: cell high warns, charge cold acts.
                                               {0x6D, 0x0001},
                                               {0x6E, 0x0002}};
    if (const auto found = other.find(reg); found != other.end()) return found->second;
    if (reg < 8) return cell(reg);
    if (reg == 0x31) return 62 + n % 2;
    if (reg == 0x39) return 30000 - 50 - n % 5;  // 5.0 A and more, discharging
    if (reg == 0x3E) return cell(7);
    const auto found = literal.find(reg);
    return found == literal.end() ? 0 : found->second;
  }

  Buffer answer(int start, int count) const {
    std::vector<int> registers;
    for (int reg = start; reg < start + count; ++reg) registers.push_back(at(reg));
    return reply(registers, number);
  }
  Buffer answer(const Buffer& request) const { return answer(u16_be(request, 2), u16_be(request, 4)); }

  /// What its measured registers say alone.
  Reading measured() const {
    Reading reading;
    for (int i = 0; i < 8; ++i) reading.cells_v.push_back(cell(i) * 0.001);
    reading.pack_v = 265 * 0.1;
    reading.current_a = (-50 - n % 5) * 0.1;
    reading.power_w = *reading.pack_v * *reading.current_a;
    reading.soc_pct = 778 * 0.1;
    reading.temps_c = {21, 22 + n % 2};
    reading.derived = {"power_w"};
    return reading;
  }
  /// What a poll says.
  Reading truth() const {
    Reading reading = measured();
    reading.remaining_ah = 2178 * 0.1;
    reading.cycles = 258;
    reading.charge_on = reading.discharge_on = reading.balancing = true;
    reading.balancing_cells = {8};
    reading.balance_current_a = 150 * 0.001;
    reading.mos_temp_c = 38;
    reading.alarms = {Alarm::charge_undertemperature};
    reading.warnings = {Alarm::cell_overvoltage};
    reading.alarm_raw = "0001 0002 0000 0000 0000 0000 0000";
    return reading;
  }
};

}  // namespace hkms_test
