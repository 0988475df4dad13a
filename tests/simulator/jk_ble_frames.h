#pragma once
// The 300 bytes of a JK02 board's frames, by jk.md 1.6, 1.8, 1.9 and 1.10.
#include <string>

#include "tests/simulator/device.h"

namespace simulator {

struct JkBleOptions {
  std::string model, hardware, software;
  int most_cells = 32;
  int address = 1;                 ///< on RS485
  bool repeats_info = false;       ///< newer ones send who they are again with the settings
  bool streams_after_who = false;  ///< V19 and later: no stream without a 97 before the 96
  bool module_chatters = false;    ///< AT\r\n among the frames
  std::chrono::milliseconds answer_time{60};

  bool is_32s() const { return most_cells == 32; }
};

JkBleOptions jk_32s();
JkBleOptions jk_24s();

Octets jk_cell_frame(const JkBleOptions& board, const PackOptions& pack, const Snapshot& now, std::uint8_t counter);
Octets jk_settings_frame(const JkBleOptions& board, const PackOptions& pack, std::uint8_t counter);
Octets jk_info_frame(const JkBleOptions& board, std::uint8_t counter);
Octets jk_logbook_frame(std::uint8_t counter);

}  // namespace simulator
