#include "protocols/daly/hkms.h"

#include <cmath>
#include <cstdio>

#include "protocols/daly/alarm_levels.h"

namespace cellwarden::daly {

namespace {

constexpr int switched_off = 0x00FF;
constexpr std::size_t most_cells = 48, most_temps = 8;
constexpr double highest_soc_pct = 110;

enum Live : std::size_t {
  cells = 0x00,
  temps = 0x30,
  pack = 0x38,
  current = 0x39,
  soc = 0x3A,
  cell_count = 0x3C,
  temp_count = 0x3D,
  max_cell = 0x3E,
  remaining = 0x4B,
  cycles = 0x4C,
  balancing = 0x4D,
  balance_current = 0x4E,
  balance_bits = 0x4F,
  charge_mos = 0x52,
  discharge_mos = 0x53,
  mos_temp = 0x5A,
  alarms = 0x6D
};

/// One board's 0x4D read 7 with no bit set and no current: then nobody knows.
void put_balancing(const Registers& registers, Reading& into) {
  std::uint64_t bits = 0;
  for (std::size_t word = 0; word < 3; ++word) {
    const auto raw = known(registers, Live::balance_bits + word);
    if (!raw) return;
    bits |= static_cast<std::uint64_t>(*raw) << (16 * word);
  }
  if (bits >> into.cells_v.size() != 0 || (bits == 0 && registers[Live::balancing] != 0)) return;
  into.balancing = bits != 0;
  into.balancing_cells.emplace();
  for (std::size_t cell = 0; cell < into.cells_v.size(); ++cell) {
    if (bits >> cell & 1) into.balancing_cells->push_back(static_cast<int>(cell) + 1);
  }
}

void put_alarms(const Registers& registers, Reading& into) {
  AlarmBytes bytes{};
  std::string words;
  bool any = false;
  for (std::size_t n = 0; n < bytes.size() / 2; ++n) {
    const unsigned word = registers[Live::alarms + n];
    char written[8];
    std::snprintf(written, sizeof written, n == 0 ? "%04X" : " %04X", word);
    words += written;
    // Every level at its highest is no alarm: such a word is not there.
    if (!known(registers, Live::alarms + n)) continue;
    any = true;
    bytes[2 * n] = static_cast<std::uint8_t>(word);
    bytes[2 * n + 1] = static_cast<std::uint8_t>(word >> 8);
  }
  if (!any) return;
  FaultNames names = names_of(bytes);
  into.alarms = std::move(names.alarms);
  into.warnings = std::move(names.warnings);
  into.alarm_raw = words;
}

/// A release on the wrong side of its limit is none.
std::optional<double> below(const std::optional<double>& release, const std::optional<double>& limit) {
  return release && limit && *release < *limit ? release : std::nullopt;
}
std::optional<double> above(const std::optional<double>& release, const std::optional<double>& limit) {
  return release && limit && *release > *limit ? release : std::nullopt;
}

}  // namespace

bool is_hkms_asleep(const Registers& registers) {
  return registers[Live::pack] == 0 || registers[Live::current] == 0 || registers[Live::cell_count] == 0;
}

Result<Reading> decode_measured(const Registers& registers) {
  if (!registers.hold(Live::cells, Live::temp_count + 1)) return FrameError::length;
  const std::size_t count = registers[Live::cell_count], sensors = registers[Live::temp_count];
  if (count > most_cells || sensors > most_temps) return FrameError::range;

  Reading reading;
  for (std::size_t cell = 0; cell < count; ++cell) reading.cells_v.emplace_back(registers[Live::cells + cell] * 0.001);
  // 0 would be -40 C: a sensor that is not there.
  for (std::size_t n = 0; n < sensors; ++n) reading.temps_c.push_back(celsius(registers, Live::temps + n, 0));
  reading.pack_v = registers[Live::pack] * 0.1;
  reading.current_a = (registers[Live::current] - zero_current) * 0.1;
  reading.power_w = *reading.pack_v * *reading.current_a;
  reading.derived.emplace_back("power_w");
  reading.soc_pct = registers[Live::soc] * 0.1;
  if (*reading.soc_pct > highest_soc_pct) return FrameError::range;
  return reading;
}

void decode_state(const Registers& registers, Reading& into) {
  if (!registers.hold(Live::remaining, Live::alarms + 7 - Live::remaining)) return;
  // 0 until the board has seen a full charge.
  into.remaining_ah = above_zero(registers, Live::remaining, 0.1);
  into.cycles = known(registers, Live::cycles);
  put_balancing(registers, into);
  const auto milliamps = known(registers, Live::balance_current);
  if (milliamps && *milliamps > 0) into.balance_current_a = (*milliamps - zero_current) * 0.001;
  into.charge_on = flag(registers, Live::charge_mos);
  into.discharge_on = flag(registers, Live::discharge_mos);
  into.mos_temp_c = celsius(registers, Live::mos_temp, 0);
  put_alarms(registers, into);
}

Result<Limits> decode_hkms_settings(const Registers& registers) {
  Limits limits;
  if (registers.hold(0x109, 2) && !is_blank(registers.bytes(0x109, 2))) {
    const double milliamp_hours = u32_be(registers.bytes(0x109, 2), 0);
    if (milliamp_hours > 0) limits.capacity_ah = milliamp_hours * 0.001;
  }
  limits.balance_start_v = above_zero(registers, 0x11A, 0.001);
  limits.balance_delta_v = above_zero(registers, 0x11B, 0.001);
  limits.cell_ovp_v = above_zero(registers, 0x131, 0.001);
  limits.cell_uvp_v = above_zero(registers, 0x135, 0.001);
  limits.pack_ovp_v = above_zero(registers, 0x139, 0.1);
  limits.pack_uvp_v = above_zero(registers, 0x13D, 0.1);
  if (contradict_each_other(limits)) return FrameError::range;
  limits.cell_ovp_release_v = below(above_zero(registers, 0x132, 0.001), limits.cell_ovp_v);
  limits.cell_uvp_release_v = above(above_zero(registers, 0x136, 0.001), limits.cell_uvp_v);
  limits.pack_ovp_release_v = below(above_zero(registers, 0x13A, 0.1), limits.pack_ovp_v);
  limits.pack_uvp_release_v = above(above_zero(registers, 0x13E, 0.1), limits.pack_uvp_v);
  limits.charge_ocp_a = magnitude_a(registers, 0x141);
  limits.discharge_ocp_a = magnitude_a(registers, 0x146);
  limits.charge_otp_c = celsius(registers, 0x14B, switched_off);
  limits.charge_utp_c = celsius(registers, 0x14F, switched_off);
  return limits;
}

Identity decode_hkms_identity(const Registers& registers) {
  Identity identity;
  identity.software = text(registers, 0x178, 14);
  identity.hardware = text(registers, 0x186, 7);
  identity.model = text(registers, 0x18D, 12);
  return identity;
}

bool agrees_with_highest(const Registers& registers, const Reading& reading) {
  const auto summary = summarise(reading.cells_v);
  return summary && registers.hold(Live::max_cell) &&
         std::lround(summary->cell_max_v * 1000) == registers[Live::max_cell];
}

}  // namespace cellwarden::daly
