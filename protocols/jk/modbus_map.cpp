#include "protocols/jk/modbus_map.h"

#include <algorithm>
#include <array>
#include <span>

#include "protocols/jk/ble_cells.h"
#include "protocols/jk/ble_settings.h"

namespace cellwarden::jk {

namespace {

constexpr std::size_t before_the_area = 6;

/// From `first` on, until the next one says otherwise.
struct Fields {
  std::size_t first, width;
};
constexpr Fields live_fields[] = {
    {0x00, 2},                                                          // cells
    {0x40, 4},                                                          // which cells are there
    {0x44, 2},                                                          // average, difference
    {0x48, 1},                                                          // highest and lowest cell
    {0x4A, 2},                                                          // balance wires, MOSFETs' temperature
    {0x8C, 4},                                                          // wire alarms, pack, power, current
    {0x9C, 2},                                                          // T1, T2
    {0xA0, 4},                                                          // alarms
    {0xA4, 2},                                                          // balance current
    {0xA6, 1},                                                          // balancing, charge
    {0xA8, 4},                                                          // remaining, capacity, cycles and their charge
    {0xB8, 1},                                                          // health, precharge
    {0xBA, 2},  {0xBC, 4},                                              // time up
    {0xC0, 1},                                                          // MOSFETs
    {0xC2, 2},  {0xD0, 1},                                              // probes there, heating
    {0xD2, 2},  {0xDC, 4}, {0xE0, 2}, {0xEE, 1}, {0xF0, 4}, {0xF4, 2},  // T3, T4, T5
    {0x100, 4},                                                         // clock
    {0x10C, 1},
};
constexpr Fields settings_fields[] = {{0x00, 4}, {0x114, 2}, {0x116, 1}};
/// Texts, but for a few numbers that nobody reads.
constexpr Fields device_fields[] = {{0x00, 1}};

struct AreaMap {
  std::uint16_t base;
  std::size_t size;
  std::span<const Fields> fields;
};
constexpr std::array<AreaMap, 3> maps = {
    {{0x1000, 0x11A, settings_fields}, {0x1200, 0x110, live_fields}, {0x1400, 0x118, device_fields}}};
const AreaMap& map_of(Area area) { return maps[static_cast<std::size_t>(area)]; }

std::size_t width_at(std::span<const Fields> fields, std::size_t offset) {
  const auto behind = std::ranges::upper_bound(fields, offset, {}, &Fields::first);
  return std::prev(behind)->width;
}

}  // namespace

std::optional<Area> area_of(std::uint16_t start, std::size_t count) {
  for (const Area area : {Area::settings, Area::live, Area::device}) {
    const AreaMap& map = map_of(area);
    const bool is_inside = start >= map.base && start - map.base + 2 * count <= map.size;
    if (is_inside && start % 2 == 0 && count > 0) return area;
  }
  return std::nullopt;
}

AreaFrame::AreaFrame(Area area) : area_(area), frame_(ble_frame_size) {}

void AreaFrame::put(std::uint16_t start, Bytes data) {
  const AreaMap& map = map_of(area_);
  const std::size_t first = start - map.base;
  for (std::size_t at = 0; at + 1 < data.size();) {
    const std::size_t width = width_at(map.fields, first + at), taken = std::max<std::size_t>(width, 2);
    const bool begins_field = width < 4 || (first + at) % 4 == 0;
    // Half a number at either end is none.
    if (!begins_field || at + taken > data.size()) {
      at += 2;
      continue;
    }
    const Bytes field = data.subspan(at, taken);
    const auto to = frame_.begin() + static_cast<std::ptrdiff_t>(before_the_area + first + at);
    if (width == 1) {
      std::ranges::copy(field, to);
    } else {
      std::ranges::reverse_copy(field, to);
    }
    for (std::size_t byte = 0; byte < taken; ++byte) held_.set(first + at + byte);
    at += taken;
  }
}

bool AreaFrame::holds(std::size_t first, std::size_t end) const {
  for (std::size_t byte = first; byte < end; ++byte) {
    if (!held_[byte]) return false;
  }
  return true;
}

bool holds_live(const AreaFrame& live) { return live.area() == Area::live && live.holds(0x00, 0xD2); }
bool holds_more_temps(const AreaFrame& live) { return live.area() == Area::live && live.holds(0xF8, 0xFE); }
bool holds_settings(const AreaFrame& settings) {
  return settings.area() == Area::settings && settings.holds(0x00, 0x88);
}

Result<Reading> decode_live(const AreaFrame& live, std::optional<int> generation) {
  // Without them the frame has zeros there, which software that has no such probes sends too.
  const auto known_generation = holds_more_temps(live) ? generation : std::nullopt;
  return decode_ble_cells(live.frame(), BleLayout::jk02_32s, known_generation);
}

/// Discharge UTP, byte 122, lies behind the registers: the generation that has it is not told.
Result<Limits> decode_settings(const AreaFrame& settings) {
  auto limits = decode_ble_settings(settings.frame(), std::nullopt);
  if (limits && !limits->cell_ovp_v) return FrameError::range;  // a JK04's, which has no registers
  return limits;
}

}  // namespace cellwarden::jk
