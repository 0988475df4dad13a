#include "tests/simulator/jk_areas.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace simulator {

namespace {

constexpr int absent_probe = -2000;

/// An area being filled: values by their byte offsets, high byte first.
class AreaBytes {
 public:
  explicit AreaBytes(std::size_t size) : bytes_(size) {}
  void u8(std::size_t at, int value) { bytes_.at(at) = static_cast<std::uint8_t>(value & 0xFF); }
  void u16(std::size_t at, int value) { u8(at, value >> 8), u8(at + 1, value); }
  void u32(std::size_t at, long value) {
    u16(at, static_cast<int>(value >> 16 & 0xFFFF)), u16(at + 2, static_cast<int>(value & 0xFFFF));
  }
  void text(std::size_t at, const std::string& words) {
    std::copy(words.begin(), words.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  Octets done() { return std::move(bytes_); }

 private:
  Octets bytes_;
};

int mv(double volts) { return static_cast<int>(std::lround(volts * 1000)); }

}  // namespace

Octets jk_live_area(const PackOptions& pack, const Snapshot& now, bool has_more_temps) {
  AreaBytes area(has_more_temps ? 0x110 : 0xF0);
  const std::size_t cells = now.cells_mv.size();
  const auto [low, high] = std::ranges::minmax_element(now.cells_mv);
  for (std::size_t cell = 0; cell < cells; ++cell) {
    area.u16(2 * cell, now.cells_mv[cell]);
    area.u16(0x4A + 2 * cell, 80);  // the wire's resistance, mOhm
  }
  area.u32(0x40, (1L << cells) - 1);
  area.u16(0x44, std::accumulate(now.cells_mv.begin(), now.cells_mv.end(), 0) / static_cast<int>(cells));
  area.u16(0x46, *high - *low);
  area.u8(0x48, static_cast<int>(high - now.cells_mv.begin()));
  area.u8(0x49, static_cast<int>(low - now.cells_mv.begin()));
  const int mos_dc = now.temps_dk[0] - 2731 + 20;
  area.u16(0x8A, mos_dc);
  area.u32(0x90, 10L * now.pack_cv);
  area.u32(0x94, std::labs(1L * now.pack_cv * now.current_ca) / 10);
  area.u32(0x98, 10L * now.current_ca);
  area.u16(0x9C, now.temps_dk[0] - 2731), area.u16(0x9E, now.temps_dk[1] - 2731);
  const auto bit = [&](int from, int to) { return now.protections & (1 << from) ? 1L << to : 0; };
  area.u32(0xA0, bit(0, 4) | bit(1, 11) | bit(2, 5) | bit(3, 12) | 1L << 19);  // 19: "change the password"
  if (now.balancing) area.u16(0xA4, -mv(pack.balance_a)), area.u8(0xA6, 2);
  area.u8(0xA7, now.soc_pct);
  area.u32(0xA8, 10L * now.remaining_cah);
  area.u32(0xAC, std::lround(pack.capacity_ah * 1000));
  area.u32(0xB0, 12), area.u32(0xB4, 1'234'567);
  area.u8(0xB8, 100);
  area.u32(0xBC, 3'600'000);
  area.u8(0xC0, now.charge_on), area.u8(0xC1, now.discharge_on);
  area.u8(0xD0, has_more_temps ? 0x3F : 0x07);  // MOS, T1, T2 ..
  area.u16(0xE4, now.pack_cv);
  if (has_more_temps) {
    area.u32(0xF0, 36'000'000);
    area.u16(0xF8, mos_dc);  // T3 mirrors the MOSFETs
    area.u16(0xFA, absent_probe), area.u16(0xFC, absent_probe);
    area.u32(0x100, 202'680'060);
  }
  return area.done();
}

Octets jk_settings_area(const PackOptions& pack, int address) {
  AreaBytes area(0x11A);
  area.u32(0x00, mv(pack.cell_uvp_v) + 50);
  area.u32(0x04, mv(pack.cell_uvp_v)), area.u32(0x08, mv(pack.cell_uvp_release_v));
  area.u32(0x0C, mv(pack.cell_ovp_v)), area.u32(0x10, mv(pack.cell_ovp_release_v));
  area.u32(0x14, mv(pack.balance_delta_v));
  area.u32(0x18, mv(pack.full_cell_v)), area.u32(0x1C, mv(pack.empty_cell_v));
  area.u32(0x20, mv(3.45)), area.u32(0x24, mv(3.35));
  area.u32(0x28, mv(pack.cell_uvp_v) - 50);
  area.u32(0x2C, 150'000), area.u32(0x30, 30), area.u32(0x34, 60);
  area.u32(0x38, 200'000), area.u32(0x3C, 300), area.u32(0x40, 60), area.u32(0x44, 5);
  area.u32(0x48, mv(pack.balance_a));
  area.u32(0x4C, 650), area.u32(0x50, 600), area.u32(0x54, 700), area.u32(0x58, 650);
  area.u32(0x5C, -50), area.u32(0x60, 0), area.u32(0x64, 900), area.u32(0x68, 700);
  area.u32(0x6C, pack.cells);
  area.u32(0x70, 1), area.u32(0x74, 1), area.u32(0x78, pack.balancer != Balancer::none);
  area.u32(0x7C, std::lround(pack.capacity_ah * 1000));
  area.u32(0x80, 1500), area.u32(0x84, mv(pack.balance_start_v));
  area.u32(0x108, address), area.u32(0x10C, 5);
  area.u16(0x114, 0x3200), area.u8(0x116, 0), area.u8(0x117, 10), area.u8(0x118, 24);
  return area.done();
}

Octets jk_device_area(const JkBleOptions& board) {
  AreaBytes area(0x120);
  area.text(0x00, board.model), area.text(0x10, board.hardware), area.text(0x18, board.software);
  area.u32(0x20, 3'600'000), area.u32(0x24, 7);
  area.text(0x28, board.model);
  area.text(0x38, "1234SECRET");
  area.text(0x48, "260314"), area.text(0x50, "40314000123");
  area.text(0x60, "Input Userdata");
  area.text(0x70, "5678SECRET");
  return area.done();
}

}  // namespace simulator
