#pragma once
// What the Daly A5 tests share: frames by the byte, and a board of eight cells as literal answers.
#include <numeric>

#include "tests/protocols/heard.h"

namespace daly_test {

using namespace cellwarden;
using test::Chunks, test::cut, test::Heard;

inline Buffer frame(std::uint8_t address, std::uint8_t command, Buffer payload) {
  Buffer bytes{0xA5, address, command, 0x08};
  payload.resize(8);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  bytes.push_back(static_cast<std::uint8_t>(std::accumulate(bytes.begin(), bytes.end(), 0)));
  return bytes;
}
inline Buffer ask(std::uint8_t command, std::uint8_t host = 0x40) { return frame(host, command, {}); }
inline Buffer reply(std::uint8_t command, Buffer payload) { return frame(0x01, command, std::move(payload)); }

/// Eight cells, two sensors; `n` makes one poll tell from the next.
struct Board {
  int n = 0;
  std::uint8_t number = 1;

  std::uint8_t cell(int i) const { return static_cast<std::uint8_t>(0xE0 + 2 * i + n % 3); }  // mV above 0x0C00

  Buffer answer(std::uint8_t command) const {
    const auto one = [&](Buffer payload) { return frame(number, command, std::move(payload)); };
    switch (command) {
      case 0x90:  // 26.4 V, 5.0 A and more discharging, 77.8 %
        return one({0x01, 0x08, 0x00, 0x00, 0x75, static_cast<std::uint8_t>(0x62 + n % 5), 0x03, 0x0A});
      case 0x91:
        return one({0x0C, cell(7), 8, 0x0C, cell(0), 1, 0x03, 0x0A});
      case 0x93:  // 217.84 Ah
        return one({2, 1, 1, static_cast<std::uint8_t>(n), 0x00, 0x03, 0x52, 0xF0});
      case 0x94:
        return one({8, 2, 0, 1, 0, 0x01, 0x02, 0xF0});
      case 0x95:
        return one({1, 0x0C, cell(0), 0x0C, cell(1), 0x0C, cell(2), 0xF0}) +
               one({2, 0x0C, cell(3), 0x0C, cell(4), 0x0C, cell(5), 0xF0}) +
               one({3, 0x0C, cell(6), 0x0C, cell(7), 0x0C, cell(5), 0xF0});
      case 0x96:
        return one({1, 61, static_cast<std::uint8_t>(62 + n % 2), 0, 0, 0, 0, 0});
      case 0x97:
        return one({0x80, 0, 0, 0, 0, 0, 0, 0xF0});
      case 0x98:  // cell voltage high L1
        return one({0x01, 0, 0, 0, 0, 0, 0, 0});
      case 0x50:  // 280 Ah
        return one({0x00, 0x04, 0x45, 0xC0, 0x00, 0x00, 0x0C, 0x80});
      case 0x53:
        return one({0, 0, 22, 8, 10, 0xFF, 0xFF, 0});
      case 0x57:
        return one({1, 'B', 'T', '1', '2', '3', '4', '5'}) + one({2, '6', ' ', ' ', ' ', ' ', ' ', ' '}) + one({3}) +
               one({4}) + one({5});
      case 0x59:  // 3.60, 3.65, 2.80, 2.50 V
        return one({0x0E, 0x10, 0x0E, 0x42, 0x0A, 0xF0, 0x09, 0xC4});
      case 0x5A:  // 28.8, 29.2, 22.4, 20.0 V
        return one({0x01, 0x20, 0x01, 0x24, 0x00, 0xE0, 0x00, 0xC8});
      case 0x5B:  // charge 80, 100 A, discharge 120, 150 A
        return one({0x72, 0x10, 0x71, 0x48, 0x79, 0xE0, 0x7B, 0x0C});
      case 0x5F:  // daly.md's example: 3.800 V, 50 mV
        return one({0x0E, 0xD8, 0x00, 0x32});
      case 0x62:
        return one({1, '2', '0', '2', '2', '0', '8', '1'}) + one({2, '0', '-', 'A'});
      case 0x63:
        return one({1, 'D', 'L', '-', 'B', 'M', 'S', '-'}) + one({2, 'R', '3', '2', '-', '0', '1', 'E'});
      default:
        return {};
    }
  }

  /// What a poll must say.
  Reading truth() const {
    Reading reading;
    for (int i = 0; i < 8; ++i) reading.cells_v.push_back((0x0C00 + cell(i)) * 0.001);
    reading.pack_v = 264 * 0.1;
    reading.current_a = (30000 - 0x7562 - n % 5) * 0.1;
    reading.power_w = *reading.pack_v * *reading.current_a;
    reading.soc_pct = 778 * 0.1;
    reading.remaining_ah = 217840 * 0.001;
    reading.cycles = 0x0102;
    reading.temps_c = {21, 22 + n % 2};
    reading.charge_on = reading.discharge_on = true;
    reading.balancing = true;
    reading.balancing_cells = {8};
    reading.alarms.emplace();
    reading.warnings = {Alarm::cell_overvoltage};
    reading.alarm_raw = "0100000000000000";
    reading.derived = {"power_w"};
    return reading;
  }
};

inline const std::vector<std::uint8_t> live_commands = {0x94, 0x90, 0x91, 0x95, 0x93, 0x96, 0x97, 0x98};

}  // namespace daly_test
