#pragma once
// A PB pack of eight cells as literal bytes of its areas (jk.md 3.3, 3.4), and what it must be heard to say.
#include "tests/protocols/jk_line.h"

namespace jk_test {

inline Buffer ask(int address, int start, int count) {
  return modbus_test::read(static_cast<std::uint8_t>(address), start, count);
}
inline Buffer ask_live(int address) { return ask(address, 0x1200, 120); }
inline Buffer ask_more(int address) { return ask(address, 0x12F0, 14); }
inline Buffer ask_settings(int address) { return ask(address, 0x1000, 68); }
inline Buffer ask_names(int address) { return ask(address, 0x1400, 20); }
inline Buffer ask_serial(int address) { return ask(address, 0x1448, 12); }

/// `n` makes one poll tell from the next.
struct Pack {
  int address = 1;
  int n = 0;

  int cell(int i) const { return 3300 + 2 * i + n % 3; }
  int pack_mv() const {
    int sum = 0;
    for (int i = 0; i < 8; ++i) sum += cell(i);
    return sum;
  }

  Buffer area(int base) const {
    Buffer bytes(0x120);
    const auto u16 = [&](std::size_t at, int value) {
      bytes.at(at) = static_cast<std::uint8_t>(value >> 8), bytes.at(at + 1) = static_cast<std::uint8_t>(value);
    };
    const auto u32 = [&](std::size_t at, int value) { u16(at, value >> 16), u16(at + 2, value & 0xFFFF); };
    const auto u8s = [&](std::size_t at, int high, int low) { u16(at, high << 8 | low); };
    const auto text = [&](std::size_t at, const std::string& words) {
      std::ranges::copy(words, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    };
    if (base == 0x1200) {
      for (int i = 0; i < 8; ++i) u16(static_cast<std::size_t>(2 * i), cell(i));
      u32(0x40, 0xFF), u16(0x44, cell(4)), u16(0x46, 14), u8s(0x48, 7, 0);
      u16(0x8A, 305), u32(0x90, pack_mv()), u32(0x94, 132'000), u32(0x98, -5000 - 10 * n);
      u16(0x9C, 215), u16(0x9E, -15);
      u32(0xA0, 0x80010), u16(0xA4, -150), u8s(0xA6, 2, 77), u32(0xA8, 217'800), u32(0xAC, 280'000);
      u32(0xB0, 258), u8s(0xB8, 99, 0), u8s(0xC0, 1, 0), u8s(0xD0, 0xFF, 0);
      u16(0xE4, pack_mv() / 10);
      u16(0xF8, 305), u16(0xFA, -2000), u16(0xFC, 190 + n);
    } else if (base == 0x1000) {
      u32(0x04, 2500), u32(0x08, 2600), u32(0x0C, 3650), u32(0x10, 3550), u32(0x14, 10);
      u32(0x2C, 100'000), u32(0x38, 150'000), u32(0x48, 2000);
      u32(0x4C, 650), u32(0x54, 700), u32(0x5C, -50), u32(0x64, 900);
      u32(0x6C, 8), u32(0x7C, 280'000), u32(0x84, 3400);
    } else {
      text(0x00, "JK_PB2A8S20P"), text(0x10, "15A"), text(0x18, "15.41");
      text(0x38, "PASSCODE"), text(0x48, "240914"), text(0x50, "40119491480"), text(0x70, "PASSCODE");
    }
    return bytes;
  }

  Buffer answer(const Buffer& request) const {
    const int start = u16_be(request, 2), count = u16_be(request, 4);
    const Buffer bytes = area(start & 0xFF00);
    std::vector<int> words;
    for (int i = 0; i < count; ++i) words.push_back(u16_be(bytes, static_cast<std::size_t>((start & 0xFF) + 2 * i)));
    return modbus_test::reply(static_cast<std::uint8_t>(address), words);
  }

  /// What the first half of the live registers says alone.
  Reading live() const {
    Reading reading;
    for (int i = 0; i < 8; ++i) reading.cells_v.push_back(cell(i) * 0.001);
    reading.pack_v = pack_mv() * 0.001;
    reading.current_a = (-5000 - 10 * n) * 0.001;
    reading.power_w = *reading.pack_v * *reading.current_a;
    reading.soc_pct = 77;
    reading.soh_pct = 99;
    reading.remaining_ah = 217'800 * 0.001;
    reading.full_ah = 280'000 * 0.001;
    reading.cycles = 258;
    reading.mos_temp_c = 305 * 0.1;
    reading.temps_c = {215 * 0.1, -15 * 0.1};
    reading.charge_on = true;
    reading.discharge_on = false;
    reading.balancing = true;
    reading.balance_current_a = -150 * 0.001;
    reading.alarms.emplace();
    reading.warnings = {Alarm::cell_overvoltage};
    reading.alarm_raw = "00080010";
    reading.derived = {"power_w"};
    return reading;
  }
  /// What a poll says with both.
  Reading truth() const {
    Reading reading = live();
    reading.temps_c.insert(reading.temps_c.end(), {std::nullopt, std::nullopt, (190 + n) * 0.1});
    return reading;
  }
};

}  // namespace jk_test
