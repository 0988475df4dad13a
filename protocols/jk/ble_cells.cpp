#include "protocols/jk/ble_cells.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>

#include "protocols/jk/jk_alarms.h"

namespace cellwarden::jk {

namespace {

constexpr std::size_t first_cell = 6;
constexpr std::int16_t no_probe = -2000;
constexpr double nearly_no_v = 0.5;

/// Where 24S and 32S differ. What is not named here lies `shift` further in 32S.
struct Jk02 {
  std::size_t most_cells, mask, mos_temp, alarms, shift;
};
constexpr Jk02 jk02_24s{24, 54, 134, 136, 0}, jk02_32s{32, 70, 144, 166, 32};
constexpr std::size_t pack = 118, current = 126, t1 = 130, t2 = 132, balance_current = 138, balance_action = 140,
                      charge_pct = 141, remaining = 142, capacity = 146, cycle_count = 150, health_pct = 158,
                      charge_on = 166, discharge_on = 167;
constexpr std::size_t probes_there = 214, t3 = 254, t4 = 256, t5 = 258;
constexpr int first_with_t4 = 14;

/// How many, when they are cells 1, 2, .. without a gap.
std::optional<std::size_t> cells_of(std::uint32_t mask, std::size_t most) {
  const auto n = static_cast<std::size_t>(std::popcount(mask));
  if ((mask & (mask + 1)) != 0 || n > most) return std::nullopt;
  return n;
}

bool fits(Bytes frame, const Jk02& at) {
  const auto n = cells_of(u32_le(frame, at.mask), at.most_cells);
  if (!n || *n == 0) return false;
  double sum_v = 0;
  for (std::size_t i = 0; i < *n; ++i) sum_v += u16_le(frame, first_cell + 2 * i) * 0.001;
  const double pack_v = u32_le(frame, pack + at.shift) * 0.001;
  return std::abs(sum_v - pack_v) <= std::max(0.5, 0.01 * pack_v);
}

/// As JK02's cells 1 and 2 the bits of such floats would be 16 V.
bool fits_jk04(Bytes frame) {
  const float first_v = f32_le(frame, first_cell);
  return first_v >= 0.5F && first_v <= 5.0F && cells_of(u32_le(frame, 214), 24).value_or(0) > 0;
}

std::optional<double> celsius(std::int16_t raw) { return raw == no_probe ? std::nullopt : std::optional(raw * 0.1); }

/// -2000 is no probe; a zero is none either where the frame's own list of probes lacks it.
std::optional<double> celsius_32s(Bytes frame, std::size_t at, unsigned probe) {
  const std::int16_t raw = s16_le(frame, at);
  if (raw == 0 && !(frame[probes_there] >> probe & 1)) return std::nullopt;
  return celsius(raw);
}

void set_temperatures(Bytes frame, const Jk02& at, std::optional<int> generation, Reading& into) {
  if (at.shift == 0) {
    into.mos_temp_c = celsius(s16_le(frame, at.mos_temp));
    into.temps_c = {celsius(s16_le(frame, t1)), celsius(s16_le(frame, t2))};
    return;
  }
  into.mos_temp_c = celsius_32s(frame, at.mos_temp, 0);
  into.temps_c = {celsius_32s(frame, t1 + at.shift, 1), celsius_32s(frame, t2 + at.shift, 2)};
  const bool has_more = generation ? *generation >= first_with_t4 : s16_le(frame, t4) != 0 || s16_le(frame, t5) != 0;
  if (!has_more) return;
  const bool mos_again = s16_le(frame, t3) == s16_le(frame, at.mos_temp);
  into.temps_c.push_back(mos_again ? std::nullopt : celsius_32s(frame, t3, 3));
  into.temps_c.push_back(celsius_32s(frame, t4, 4));
  into.temps_c.push_back(celsius_32s(frame, t5, 5));
}

void set_alarms_of(Bytes frame, const Jk02& at, Reading& into) {
  char raw[12];
  std::uint32_t bits = 0;
  if (at.shift == 0) {
    bits = u16_le(frame, at.alarms);
    std::snprintf(raw, sizeof raw, "%04X", static_cast<unsigned>(bits));
  } else {
    bits = u32_le(frame, at.alarms);
    std::snprintf(raw, sizeof raw, "%08X", static_cast<unsigned>(bits));
  }
  set_alarms(bits, alarm_bits, into);
  into.alarm_raw = raw;
}

Result<Reading> decode_jk02(Bytes frame, const Jk02& at, std::optional<int> generation) {
  const auto n = cells_of(u32_le(frame, at.mask), at.most_cells);
  const double pack_v = u32_le(frame, pack + at.shift) * 0.001;
  const std::uint8_t soc = frame[charge_pct + at.shift], action = frame[balance_action + at.shift];
  // A board that nothing is wired to has neither cells nor a voltage.
  if (!n || (*n == 0 && pack_v > nearly_no_v) || soc > 100 || action > 2) return FrameError::range;

  Reading reading;
  for (std::size_t i = 0; i < *n; ++i) reading.cells_v.push_back(u16_le(frame, first_cell + 2 * i) * 0.001);
  reading.pack_v = pack_v;
  reading.current_a = s32_le(frame, current + at.shift) * 0.001;
  reading.power_w = *reading.pack_v * *reading.current_a;
  reading.derived.emplace_back("power_w");
  reading.soc_pct = soc;
  if (const auto health = frame[health_pct + at.shift]; health > 0) reading.soh_pct = health;
  reading.remaining_ah = u32_le(frame, remaining + at.shift) * 0.001;
  if (const auto full = u32_le(frame, capacity + at.shift); full > 0) reading.full_ah = full * 0.001;
  const auto cycles = u32_le(frame, cycle_count + at.shift);
  if (cycles > 1'000'000) return FrameError::range;
  reading.cycles = static_cast<int>(cycles);
  set_temperatures(frame, at, generation, reading);
  reading.charge_on = frame[charge_on + at.shift] != 0;
  reading.discharge_on = frame[discharge_on + at.shift] != 0;
  reading.balancing = action != 0;
  reading.balance_current_a = s16_le(frame, balance_current + at.shift) * 0.001;
  set_alarms_of(frame, at, reading);
  return reading;
}

bool is_within(float value, float low, float high) { return value >= low && value <= high; }

/// There is no pack voltage to check the cells with: the board's own average stands in for it.
bool average_fits(Bytes frame, const Reading& reading) {
  constexpr double tolerance_v = 0.05;
  double sum = 0;
  for (const auto& cell : reading.cells_v) {
    if (*cell < 0.5) return true;  // a torn sense wire: who knows what it makes of that
    sum += *cell;
  }
  const double average = f32_le(frame, 202);
  return std::abs(sum / static_cast<double>(reading.cells_v.size()) - average) <= tolerance_v;
}

Result<Reading> decode_jk04(Bytes frame) {
  const auto n = cells_of(u32_le(frame, 214), 24);
  const float balance_a = f32_le(frame, 222);
  const std::uint8_t action = frame[220];
  if (!n || *n == 0 || action > 2 || !is_within(balance_a, -50, 50)) return FrameError::range;

  Reading reading;
  double pack_v = 0;
  for (std::size_t i = 0; i < *n; ++i) {
    const float cell_v = f32_le(frame, first_cell + 4 * i);
    if (!is_within(cell_v, 0, 10)) return FrameError::range;
    reading.cells_v.emplace_back(cell_v);
    pack_v += cell_v;
  }
  if (!average_fits(frame, reading)) return FrameError::range;
  reading.pack_v = pack_v;
  reading.derived.emplace_back("pack_v");
  reading.balancing = action != 0;
  reading.balance_current_a = balance_a;
  return reading;
}

}  // namespace

std::optional<BleLayout> layout_by_cells(Bytes frame) {
  std::vector<BleLayout> possible;
  if (fits_jk04(frame)) possible.push_back(BleLayout::jk04);
  if (fits(frame, jk02_24s)) possible.push_back(BleLayout::jk02_24s);
  if (fits(frame, jk02_32s)) possible.push_back(BleLayout::jk02_32s);
  return possible.size() == 1 ? std::optional(possible.front()) : std::nullopt;
}

Result<Reading> decode_ble_cells(Bytes frame, BleLayout layout, std::optional<int> generation) {
  if (layout == BleLayout::jk04) return decode_jk04(frame);
  return decode_jk02(frame, layout == BleLayout::jk02_24s ? jk02_24s : jk02_32s, generation);
}

}  // namespace cellwarden::jk
