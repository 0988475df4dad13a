#pragma once
// Frames of JBD's UP series made by the rule of jbd.md 5, apart from the codec, and a unit of sixteen cells as literal
// numbers, with what it must be heard to say.
#include <map>
#include <set>
#include <string>

#include "tests/protocols/daly_a5_board.h"
#include "tests/protocols/modbus_frame.h"

namespace up_test {

using namespace cellwarden;
using daly_test::Heard, daly_test::operator+;
using modbus_test::put;

inline Buffer frame(int unit, int function, int start, int end, const Buffer& data = {}) {
  Buffer bytes{static_cast<std::uint8_t>(unit), static_cast<std::uint8_t>(function)};
  for (const int word : {start, end, static_cast<int>(data.size())}) put(bytes, word);
  return modbus_test::with_crc(bytes + data);
}
inline Buffer ask_status(int unit = 1) { return frame(unit, 0x78, 0x1000, 0x10A0); }
inline Buffer ask_thresholds(int unit = 1) { return frame(unit, 0x78, 0x1800, 0x1900); }
inline Buffer ask_identity(int unit = 1) { return frame(unit, 0x78, 0x1C00, 0x1CA0); }
inline Buffer ask_product(int unit = 1) { return frame(unit, 0x78, 0x2810, 0x283C); }
inline Buffer ask_own(int unit = 1) { return frame(unit, 0x45, 0x0000, 0x0054); }

inline void put32(Buffer& data, long value) {
  put(data, static_cast<int>(value >> 16 & 0xFFFF)), put(data, static_cast<int>(value & 0xFFFF));
}
inline void put_text(Buffer& data, const std::string& text, std::size_t length) {
  for (std::size_t i = 0; i < length; ++i) data.push_back(i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0);
}

/// `n` makes one poll tell from the next.
struct Unit {
  int n = 0;
  int number = 1;
  int packs = 1;                   ///< what unit 1 sums up in its status; its own status is its own
  std::map<int, int> other = {};   ///< words of the status, by offset, that are not as below
  std::map<int, int> limits = {};  ///< of the thresholds

  int cell(int i) const { return 3300 + 2 * i + n % 3; }

  Buffer status() const {
    Buffer data;
    put(data, 5304), put(data, 0);
    put32(data, 300000 - packs * (1050 + n));  // 10.50 A and more, discharging
    for (const int word : {6095, packs * 6095, packs * 10000, packs * 10500, 710, 726, 2, 99}) put(data, word);
    put32(data, 1 << 9 | 1 << 25), put32(data, 1 << 0 | 1 << 18);
    for (const int word :
         {3, 4, 258, 16, cell(15), 1, cell(0), cell(7), 1, 712, 2, 704, 708, 584, packs * 1000, 448, packs * 1000, 16})
      put(data, word);
    for (int i = 0; i < 16; ++i) put(data, cell(i));
    for (const int word : {4, 709, 704, 0, 710 + n % 2, 0, 0x8001, 0x0C04}) put(data, word);
    put_text(data, "PACK7", 30);
    for (int i = 0; i < 12; ++i) data.push_back(0x5A);  // nobody knows what these are
    for (const auto& [at, word] : other) {
      data[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(word >> 8 & 0xFF);
      data[static_cast<std::size_t>(at) + 1] = static_cast<std::uint8_t>(word & 0xFF);
    }
    return data;
  }

  Buffer thresholds() const {
    const std::vector<int> words = {3600, 3400, 3000, 3650, 3500, 3000, 2700, 2900, 3000, 2500, 3000, 3000, 5760,
                                    5440, 3000, 5840, 5450, 3000, 4200, 4800, 1000, 4000, 4700, 3000, 1050, 1000,
                                    2000, 1200, 2000, 600,  10,   1300, 500,  600,  1060, 1000, 2000, 1250, 2000,
                                    60,   10,   1400, 200,  60,   1050, 1000, 3000, 1150, 1000, 3000, 550,  600,
                                    1000, 500,  550,  1000, 1050, 1000, 1000, 1160, 1000, 1000, 350,  400,  1000,
                                    300,  350,  1000, 1450, 1300, 1000, 1550, 1350, 1000};
    Buffer data;
    for (const int word : words) put(data, word);
    data.resize(208);
    for (const auto& [at, word] : limits) {
      data[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(word >> 8 & 0xFF);
      data[static_cast<std::size_t>(at) + 1] = static_cast<std::uint8_t>(word & 0xFF);
    }
    return data;
  }

  static Buffer identity() {
    Buffer data;
    for (const int word : {0, 0, 3400, 30, 500, 600, 5680, 1500}) put(data, word);
    put_text(data, "UP16S0190001", 30);
    for (const int word : {2025, 4, 17}) put(data, word);
    put_text(data, "PACK7", 30);
    for (const int word : {2025, 3, 18}) put(data, word);
    put_text(data, "ECO-LFP48100", 46);
    return data;
  }
  static Buffer product() {
    Buffer data;
    for (const int word : {33, 3, 12, 4, 8, 36}) put(data, word);
    put_text(data, "UP16S019.16S200A", 16), put_text(data, "JBD", 16);
    return data;
  }
  Buffer own() const {
    Buffer data;
    put(data, 16);
    for (int i = 0; i < 16; ++i) put(data, cell(i));
    for (const int word : {cell(15), cell(0), 5304, 0, 0, 2943, 2935, 10000, 6095, 258, 60, 99, 0, 0, 3, 0})
      put(data, word);
    put_text(data, "APKC7", 30);
    for (const int word : {1000, 1000, 8, 2941, 2957, 0x0404, 2940, 2935, 0, 2941 + n % 2}) put(data, word);
    return data;
  }

  Buffer answer(const Buffer& request) const {
    const int function = request[1], start = u16_be(request, 2), end = u16_be(request, 4);
    const auto with = [&](const Buffer& data) { return frame(number, function, start, end, data); };
    if (function == 0x45) return with(own());
    switch (start) {
      case 0x1000:
        return with(status());
      case 0x1800:
        return with(thresholds());
      case 0x1C00:
        return with(identity());
      case 0x2810:
        return with(product());
      default:
        return with(Buffer(4));
    }
  }

  Reading truth() const {
    Reading reading;
    for (int i = 0; i < 16; ++i) reading.cells_v.push_back(cell(i) * 0.001);
    reading.pack_v = 5304 * 0.01;
    reading.current_a = (300000.0 - 1050 - n - 300000) * 0.01;
    reading.power_w = *reading.pack_v * *reading.current_a;
    reading.derived = {"power_w"};
    reading.soc_pct = 6095 * 0.01;
    reading.remaining_ah = 6095 * 0.01;
    reading.full_ah = 10000 * 0.01;
    reading.cycles = 258;
    reading.soh_pct = 99;
    reading.mos_temp_c = 210 * 0.1;
    reading.temps_c = {209 * 0.1, 204 * 0.1, std::nullopt, (210 + n % 2) * 0.1};
    reading.charge_on = reading.discharge_on = reading.balancing = true;
    reading.balancing_cells = {1, 16};
    reading.alarms = {Alarm::charge_undertemperature};
    reading.warnings = {Alarm::cell_overvoltage};
    reading.alarm_raw = "02000200 00040001";
    return reading;
  }
};

}  // namespace up_test
