#pragma once
// A Daly of eight cells that speaks D2, as literal registers (daly.md 2.2 to 2.4), and what it must be heard to say.
#include "tests/protocols/heard.h"
#include "tests/protocols/modbus_frame.h"

namespace d2_test {

using namespace cellwarden;
using test::Chunks, test::cut, test::Heard;

inline Buffer ask(int start, int count) { return modbus_test::read(0xD2, start, count); }
inline Buffer reply(const std::vector<int>& registers) { return modbus_test::reply(0xD2, registers); }

inline const Buffer ask_live = ask(0x00, 62), ask_board = ask(0x3E, 9), ask_settings = ask(0x80, 41),
                    ask_identity = ask(0xA9, 32);

/// `n` makes one poll tell from the next.
struct Board {
  int n = 0;
  std::map<int, int> other = {};  ///< registers that are not as below

  int cell(int i) const { return 3300 + 2 * i + n % 3; }

  int at(int reg) const {
    if (const auto found = other.find(reg); found != other.end()) return found->second;
    if (reg < 8) return cell(reg);
    switch (reg) {
      case 0x20:
        return 61;
      case 0x21:
        return 62 + n % 2;
      case 0x28:
        return 265;
      case 0x29:  // 5.0 A and more, discharging
        return 30000 - 50 - n % 5;
      case 0x2A:
        return 778;
      case 0x2B:
        return cell(7);
      case 0x2C:
        return cell(0);
      case 0x2D:
      case 0x2E:
        return 61;
      case 0x2F:
        return 2;
      case 0x30:
        return 2178;
      case 0x31:
        return 8;
      case 0x32:
        return 2;
      case 0x33:
        return 258;
      case 0x34:
      case 0x35:
      case 0x36:
        return 1;
      case 0x3A:  // cell voltage high L1, charge temperature low L2
        return 0x0801;
      case 0x3E:
        return 0x0080;
      case 0x40:
        return 30000 + 150;
      case 0x42:
        return 40 + 38;
      case 0x43:
        return 0xFFFF;
      case 0x80:
        return 2800;
      case 0x8B:
        return 3600;
      case 0x8C:
        return 3650;
      case 0x8D:
        return 2800;
      case 0x8E:
        return 2500;
      case 0x8F:
        return 288;
      case 0x90:
        return 292;
      case 0x91:
        return 224;
      case 0x92:
        return 200;
      case 0x93:
        return 30000 - 800;
      case 0x94:
        return 30000 - 1000;
      case 0x95:
        return 30000 + 1200;
      case 0x96:
        return 30000 + 1500;
      case 0x97:
      case 0x98:
        return 40 + 55;
      case 0x99:
      case 0x9A:
        return 40;
      case 0x9B:
      case 0x9C:
        return 40 + 70;
      case 0x9D:
      case 0x9E:
        return 40 - 20;
      case 0xA3:
        return 3400;
      case 0xA4:
        return 20;
      case 0xA8:
        return 40 + 90;
      case 0xA9:
        return 'T' << 8 | '1';
      case 0xB1:
        return 'H' << 8 | '2';
      case 0xB9:
        return 'K' << 8 | ' ';
      default:
        return 0;
    }
  }

  Buffer answer(int start, int count) const {
    std::vector<int> registers;
    for (int reg = start; reg < start + count; ++reg) registers.push_back(at(reg));
    return reply(registers);
  }
  Buffer answer(const Buffer& request) const { return answer(u16_be(request, 2), u16_be(request, 4)); }

  /// What the live registers say alone.
  Reading live() const {
    Reading reading;
    for (int i = 0; i < 8; ++i) reading.cells_v.push_back(cell(i) * 0.001);
    reading.pack_v = 265 * 0.1;
    reading.current_a = (-50 - n % 5) * 0.1;
    reading.power_w = *reading.pack_v * *reading.current_a;
    reading.soc_pct = 778 * 0.1;
    reading.remaining_ah = 2178 * 0.1;
    reading.cycles = 258;
    reading.temps_c = {21, 22 + n % 2};
    reading.charge_on = reading.discharge_on = reading.balancing = true;
    reading.alarms = {Alarm::charge_undertemperature};
    reading.warnings = {Alarm::cell_overvoltage};
    reading.alarm_raw = "0801 0000 0000 0000";
    reading.derived = {"power_w"};
    return reading;
  }
  /// What a poll says with the board's own registers.
  Reading truth() const {
    Reading reading = live();
    reading.balancing_cells = {8};
    reading.balance_current_a = 150 * 0.001;
    reading.mos_temp_c = 38;
    return reading;
  }
};

}  // namespace d2_test
