#include "protocols/daly/d2.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "protocols/daly/fault_bits.h"

namespace cellwarden::daly {

namespace {

constexpr int switched_off = 0x00FF;
constexpr std::size_t most_cells = 32, most_temps = 8;
constexpr double highest_soc_pct = 110;

enum Live : std::size_t {
  cells = 0x00,
  temps = 0x20,
  pack = 0x28,
  current = 0x29,
  soc = 0x2A,
  max_cell = 0x2B,
  min_cell = 0x2C,
  remaining = 0x30,
  cell_count = 0x31,
  temp_count = 0x32,
  cycles = 0x33,
  balancing = 0x34,
  charge_mos = 0x35,
  discharge_mos = 0x36,
  faults = 0x3A,
  balance_bits = 0x3E,
  balance_current = 0x40,
  mos_temp = 0x42
};

void put_faults(const Registers& registers, Reading& into) {
  std::uint64_t bits = 0;
  std::string words;
  bool any = false;
  for (std::size_t n = 0; n < 4; ++n) {
    char text[8];
    std::snprintf(text, sizeof text, n == 0 ? "%04X" : " %04X", unsigned{registers[Live::faults + n]});
    words += text;
    // High and low at once is no fault: such a word is not there.
    const auto word = known(registers, Live::faults + n);
    any |= word.has_value();
    bits |= static_cast<std::uint64_t>(word.value_or(0)) << (16 * n);
  }
  if (!any) return;
  FaultNames names = names_of(bits);
  into.alarms = std::move(names.alarms);
  into.warnings = std::move(names.warnings);
  into.alarm_raw = words;
}

}  // namespace

Buffer read_request(Block block) { return modbus::read_request(d2_slave, block.start, block.count); }

bool is_asleep(const Registers& registers) {
  return registers[Live::pack] == 0 || registers[Live::current] == 0 || registers[Live::cell_count] == 0;
}

Result<Reading> decode_live(const Registers& registers) {
  if (!registers.hold(live_block.start, live_block.count)) return FrameError::length;
  const std::size_t cell_count = registers[Live::cell_count], temp_count = registers[Live::temp_count];
  if (cell_count > most_cells || temp_count > most_temps) return FrameError::range;

  Reading reading;
  for (std::size_t cell = 0; cell < cell_count; ++cell) {
    reading.cells_v.emplace_back(registers[Live::cells + cell] * 0.001);
  }
  // 0 would be -40 C: a sensor that is not there, by the look of captures.
  for (std::size_t n = 0; n < temp_count; ++n) reading.temps_c.push_back(celsius(registers, Live::temps + n, 0));
  reading.pack_v = registers[Live::pack] * 0.1;
  reading.current_a = (registers[Live::current] - zero_current) * 0.1;
  reading.power_w = *reading.pack_v * *reading.current_a;
  reading.derived.emplace_back("power_w");
  reading.soc_pct = registers[Live::soc] * 0.1;
  if (*reading.soc_pct > highest_soc_pct) return FrameError::range;
  // 0 until the board has seen a full charge.
  reading.remaining_ah = above_zero(registers, Live::remaining, 0.1);
  reading.cycles = known(registers, Live::cycles);
  reading.balancing = flag(registers, Live::balancing);
  if (reading.balancing == false) reading.balancing_cells.emplace();
  reading.charge_on = flag(registers, Live::charge_mos);
  reading.discharge_on = flag(registers, Live::discharge_mos);
  put_faults(registers, reading);
  decode_board(registers, reading);
  return reading;
}

void decode_board(const Registers& registers, Reading& into) {
  const std::size_t count = into.cells_v.size();
  if (into.balancing == true && registers.hold(Live::balance_bits, 2)) {
    const std::uint64_t bits = registers[Live::balance_bits] | std::uint64_t{registers[Live::balance_bits + 1]} << 16;
    if (bits != 0 && bits >> count == 0) {
      into.balancing_cells.emplace();
      for (std::size_t cell = 0; cell < count; ++cell) {
        if (bits >> cell & 1) into.balancing_cells->push_back(static_cast<int>(cell) + 1);
      }
    }
  }
  const auto milliamps = known(registers, Live::balance_current);
  if (milliamps && *milliamps > 0) into.balance_current_a = (*milliamps - zero_current) * 0.001;
  if (registers.hold(Live::mos_temp)) into.mos_temp_c = celsius(registers, Live::mos_temp, 0);
}

Result<Limits> decode_settings(const Registers& registers) {
  constexpr std::array<const char*, 3> chemistries = {"lfp", "nmc", "lto"};
  Limits limits;
  limits.capacity_ah = above_zero(registers, 0x80, 0.1);
  const auto type = known(registers, 0x89);
  if (type && *type < static_cast<int>(chemistries.size()))
    limits.chemistry = chemistries[static_cast<std::size_t>(*type)];
  limits.cell_ovp_v = above_zero(registers, 0x8C, 0.001);
  limits.cell_uvp_v = above_zero(registers, 0x8E, 0.001);
  limits.pack_ovp_v = above_zero(registers, 0x90, 0.1);
  limits.pack_uvp_v = above_zero(registers, 0x92, 0.1);
  if (contradict_each_other(limits)) return FrameError::range;
  limits.charge_ocp_a = magnitude_a(registers, 0x94);
  limits.discharge_ocp_a = magnitude_a(registers, 0x96);
  limits.charge_otp_c = celsius(registers, 0x98, switched_off);
  limits.charge_utp_c = celsius(registers, 0x9A, switched_off);
  limits.discharge_otp_c = celsius(registers, 0x9C, switched_off);
  limits.discharge_utp_c = celsius(registers, 0x9E, switched_off);
  limits.balance_start_v = above_zero(registers, 0xA3, 0.001);
  limits.balance_delta_v = above_zero(registers, 0xA4, 0.001);
  limits.mos_otp_c = celsius(registers, 0xA8, 0);
  return limits;
}

Identity decode_identity(const Registers& registers) {
  Identity identity;
  identity.software = text(registers, 0xA9, 8);
  identity.hardware = text(registers, 0xB1, 8);
  identity.model = text(registers, 0xB9, 16);
  return identity;
}

bool agrees_with_itself(const Registers& registers, const Reading& reading) {
  const auto summary = summarise(reading.cells_v);
  const auto millivolts = [](double volts) { return std::lround(volts * 1000); };
  return summary && millivolts(summary->cell_max_v) == registers[Live::max_cell] &&
         millivolts(summary->cell_min_v) == registers[Live::min_cell];
}

}  // namespace cellwarden::daly
