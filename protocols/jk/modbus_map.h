#pragma once
// The registers of a JK of the PB series (jk.md 3.2 to 3.4), and how they become the frames of jk's Bluetooth codec.
//
//   area     settings 1000    live 1200    device 1400
//   A register's number is its area's + the BYTE offset of the field, while as many follow as are asked for: a read of
//   1290, two registers, brings the bytes 90..93 of the live area.
//
// Byte n of an area is byte n + 6 of the frame with the same content (settings 0x01, cells 0x02, device 0x03; layout
// 32S), but words are big endian here, and the upper word comes first:
//
//   registers   0D 05 | 00 00 C6 EB | 00 01 | 4A 4B      u16 | u32 | u8, u8 | text
//   frame       05 0D | EB C6 00 00 | 00 01 | 4A 4B
//
// So the fields are named once, in ble_cells.h and ble_settings.h; here stands how wide they are.
#include <bitset>
#include <optional>

#include "protocols/battery.h"
#include "protocols/framing.h"

namespace cellwarden::jk {

struct Block {
  std::uint16_t start, count;
};
/// All that is ever asked for. No two are of one length: a late reply is never taken for another's. The device's
/// passcodes (1438, 1470) lie between the last two.
inline constexpr Block live_block{0x1200, 120}, more_temps_block{0x12F0, 14}, settings_block{0x1000, 68},
    names_block{0x1400, 20}, serial_block{0x1448, 12};

enum class Area { settings, live, device };
/// None where no register of that number is an area's word.
std::optional<Area> area_of(std::uint16_t start, std::size_t count);

/// One area as far as replies brought it, in the frame's layout.
class AreaFrame {
 public:
  explicit AreaFrame(Area area);

  Area area() const { return area_; }
  /// The registers of one reply, which `area_of` found to be of this area.
  void put(std::uint16_t start, Bytes data);
  /// Bytes of the area, by their offsets in it.
  bool holds(std::size_t first, std::size_t end) const;
  Bytes frame() const { return frame_; }

 private:
  Area area_;
  Buffer frame_;
  std::bitset<512> held_;  ///< by offset in the area
};

/// The cells and all that is measured with them: bytes 00..D1 of the live area.
bool holds_live(const AreaFrame& live);
/// T3 to T5: bytes F8..FD.
bool holds_more_temps(const AreaFrame& live);
/// What is read of the settings: bytes 00..87.
bool holds_settings(const AreaFrame& settings);

/// Takes what `holds_live`. Fails with `range` as the Bluetooth codec does.
Result<Reading> decode_live(const AreaFrame& live, std::optional<int> generation);
/// Takes what `holds_settings`.
Result<Limits> decode_settings(const AreaFrame& settings);

}  // namespace cellwarden::jk
