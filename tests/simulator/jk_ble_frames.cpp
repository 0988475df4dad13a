#include "tests/simulator/jk_ble_frames.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace simulator {

namespace {

constexpr std::size_t frame_size = 300;
constexpr int absent_probe = -2000;

/// A frame being filled: values by their offsets, low byte first.
class Frame {
 public:
  Frame(std::uint8_t type, std::uint8_t counter) : bytes_{0x55, 0xAA, 0xEB, 0x90, type, counter} {
    bytes_.resize(frame_size);
  }
  void u8(std::size_t at, int value) { bytes_.at(at) = static_cast<std::uint8_t>(value & 0xFF); }
  void u16(std::size_t at, int value) { u8(at, value), u8(at + 1, value >> 8); }
  void u32(std::size_t at, long value) {
    u16(at, static_cast<int>(value & 0xFFFF)), u16(at + 2, static_cast<int>(value >> 16 & 0xFFFF));
  }
  void text(std::size_t at, const std::string& words) {
    std::copy(words.begin(), words.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  Octets done() {
    bytes_.back() = static_cast<std::uint8_t>(std::accumulate(bytes_.begin(), bytes_.end() - 1, 0));
    return bytes_;
  }

 private:
  Octets bytes_;
};

int mv(double volts) { return static_cast<int>(std::lround(volts * 1000)); }

/// Both end in the same bits: cell over- and under-voltage, the pack's two, and "change the password".
long alarms(const Snapshot& now) {
  const auto bit = [&](int from, int to) { return now.protections & (1 << from) ? 1L << to : 0; };
  return bit(0, 4) | bit(1, 11) | bit(2, 5) | bit(3, 12);
}
constexpr long default_password = 1L << 19;

}  // namespace

JkBleOptions jk_32s() {
  return {.model = "JK_PB2A16S20P",
          .hardware = "19A",
          .software = "19.05",
          .most_cells = 32,
          .repeats_info = true,
          .streams_after_who = true,
          .module_chatters = true};
}

JkBleOptions jk_24s() { return {.model = "JK-B2A24S15P", .hardware = "10.XG", .software = "10.07", .most_cells = 24}; }

Octets jk_cell_frame(const JkBleOptions& board, const PackOptions& pack, const Snapshot& now, std::uint8_t counter) {
  Frame frame(0x02, counter);
  const bool wide = board.is_32s();
  const std::size_t behind_cells = wide ? 16 : 0, behind_wires = wide ? 32 : 0;
  const std::size_t cells = now.cells_mv.size();
  const auto [low, high] = std::ranges::minmax_element(now.cells_mv);
  for (std::size_t cell = 0; cell < cells; ++cell) {
    frame.u16(6 + 2 * cell, now.cells_mv[cell]);
    frame.u16(64 + behind_cells + 2 * cell, 80);  // the wire's resistance, mOhm
  }
  frame.u32(54 + behind_cells, (1L << cells) - 1);
  frame.u16(58 + behind_cells, std::accumulate(now.cells_mv.begin(), now.cells_mv.end(), 0) / static_cast<int>(cells));
  frame.u16(60 + behind_cells, *high - *low);
  frame.u8(62 + behind_cells, static_cast<int>(high - now.cells_mv.begin()));
  frame.u8(63 + behind_cells, static_cast<int>(low - now.cells_mv.begin()));

  const int mos_dc = now.temps_dk[0] - 2731 + 20;
  if (wide) frame.u16(144, mos_dc), frame.u16(254, mos_dc), frame.u16(256, absent_probe), frame.u16(258, absent_probe);
  if (!wide) frame.u16(134, mos_dc);
  frame.u32(118 + behind_wires, 10L * now.pack_cv);
  frame.u32(122 + behind_wires, std::labs(1L * now.pack_cv * now.current_ca) / 10);
  frame.u32(126 + behind_wires, 10L * now.current_ca);
  frame.u16(130 + behind_wires, now.temps_dk[0] - 2731);
  frame.u16(132 + behind_wires, now.temps_dk[1] - 2731);
  if (wide) {
    frame.u32(166, alarms(now) | default_password);
  } else {
    frame.u16(136, static_cast<int>(alarms(now)));
  }
  if (now.balancing) {
    frame.u16(138 + behind_wires, -mv(pack.balance_a));
    frame.u8(140 + behind_wires, 2);
  }
  frame.u8(141 + behind_wires, now.soc_pct);
  frame.u32(142 + behind_wires, 10L * now.remaining_cah);
  frame.u32(146 + behind_wires, std::lround(pack.capacity_ah * 1000));
  frame.u32(150 + behind_wires, 12);
  frame.u32(154 + behind_wires, 1234567);
  frame.u8(158 + behind_wires, 100);
  frame.u32(162 + behind_wires, 3'600'000);
  frame.u8(166 + behind_wires, now.charge_on);
  frame.u8(167 + behind_wires, now.discharge_on);
  frame.u8(182 + behind_wires, 0x07);  // MOS, T1, T2
  if (wide) frame.u16(234, now.pack_cv), frame.u8(275, 0);
  return frame.done();
}

Octets jk_settings_frame(const JkBleOptions& board, const PackOptions& pack, std::uint8_t counter) {
  Frame frame(0x01, counter);
  frame.u32(6, mv(pack.cell_uvp_v) + 50);
  frame.u32(10, mv(pack.cell_uvp_v)), frame.u32(14, mv(pack.cell_uvp_release_v));
  frame.u32(18, mv(pack.cell_ovp_v)), frame.u32(22, mv(pack.cell_ovp_release_v));
  frame.u32(26, mv(pack.balance_delta_v));
  frame.u32(30, mv(pack.full_cell_v)), frame.u32(34, mv(pack.empty_cell_v));
  if (board.is_32s()) frame.u32(38, mv(3.45)), frame.u32(42, mv(3.35));
  frame.u32(46, mv(pack.cell_uvp_v) - 50);
  frame.u32(50, 150'000), frame.u32(54, 30), frame.u32(58, 60);
  frame.u32(62, 200'000), frame.u32(66, 300), frame.u32(70, 60), frame.u32(74, 5);
  frame.u32(78, mv(pack.balance_a));
  frame.u32(82, 650), frame.u32(86, 600), frame.u32(90, 700), frame.u32(94, 650);
  frame.u32(98, -50), frame.u32(102, 0), frame.u32(106, 900), frame.u32(110, 700);
  frame.u32(114, pack.cells);
  frame.u32(118, 1), frame.u32(122, 1), frame.u32(126, pack.balancer != Balancer::none);
  frame.u32(130, std::lround(pack.capacity_ah * 1000));
  frame.u32(134, 1500);
  frame.u32(138, mv(pack.balance_start_v));
  if (board.is_32s()) {
    frame.u32(270, board.address), frame.u32(274, 5), frame.u32(278, 500'000);
    frame.u8(284, 60), frame.u8(285, 50), frame.u8(296, -20), frame.u8(297, -10);
  }
  return frame.done();
}

Octets jk_info_frame(const JkBleOptions& board, std::uint8_t counter) {
  Frame frame(0x03, counter);
  frame.text(6, board.model);
  frame.text(22, board.hardware), frame.text(30, board.software);
  frame.u32(38, 3'600'000), frame.u32(42, 7);
  frame.text(46, board.model);
  frame.text(62, "1234SECRET");
  frame.text(78, "260314"), frame.text(86, "40314000123");
  frame.text(102, "Input Userdata");
  frame.text(118, "5678SECRET");
  frame.text(134, "Input Userdata");
  if (board.is_32s()) frame.u32(150, 0x00FFFFFF), frame.u8(287, 0x3F);
  return frame.done();
}

Octets jk_logbook_frame(std::uint8_t counter) { return Frame(0x05, counter).done(); }

}  // namespace simulator
