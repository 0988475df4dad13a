#include "protocols/daly/alarm_levels.h"

#include <algorithm>
#include <optional>

namespace cellwarden::daly {

namespace {

using Some = std::optional<Alarm>;
constexpr Some nothing = std::nullopt;

/// Two levels of three bits, then two bits.
struct Levels {
  Some low, high, bit_6 = nothing, bit_7 = nothing;
};

constexpr std::array<Levels, 8> levels = {{
    {Alarm::cell_overvoltage, Alarm::cell_undervoltage, nothing, Alarm::other},  // a smart charger, its fault
    {Alarm::cell_difference, Alarm::charge_overtemperature, nothing, Alarm::other},
    {Alarm::charge_undertemperature, Alarm::discharge_overtemperature, Alarm::mos_overtemperature, Alarm::sensor_fault},
    {Alarm::discharge_undertemperature, Alarm::temperature_difference, Alarm::mos_overtemperature, Alarm::sensor_fault},
    {Alarm::pack_overvoltage, Alarm::pack_undervoltage, Alarm::short_circuit},
    {Alarm::charge_overcurrent, Alarm::discharge_overcurrent, Alarm::pack_undervoltage, Alarm::pack_overvoltage},
    {Alarm::soc_low, Alarm::other},              // state of health; the parallel bus
    {Alarm::mos_overtemperature, Alarm::other},  // thermal runaway
}};

using Row = std::array<Some, 8>;

/// Bytes 11 to 13, the lowest bit first.
/// Front end: chip, bus, sampling; voltages; detection lost; pack voltage; current; temperature.
constexpr Row detection = {Alarm::internal_fault, Alarm::internal_fault, Alarm::internal_fault, Alarm::sensor_fault,
                           Alarm::sensor_fault,   Alarm::sensor_fault,   Alarm::sensor_fault,   Alarm::sensor_fault};
/// Temperature lost, EEPROM, flash, clock; MOSFETs: charge, discharge, precharge; precharging.
constexpr Row board = {Alarm::sensor_fault, Alarm::internal_fault, Alarm::internal_fault, Alarm::internal_fault,
                       Alarm::mos_fault,    Alarm::mos_fault,      Alarm::mos_fault,      Alarm::other};
/// MOSFETs switched off, twice two; fan, heating, current limit; the heating's fault.
constexpr Row beside = {nothing, nothing, nothing, nothing, nothing, nothing, nothing, Alarm::other};

void note(Some alarm, std::vector<Alarm>& into) {
  if (alarm && std::ranges::find(into, *alarm) == into.end()) into.push_back(*alarm);
}

void note_level(int level, Some alarm, FaultNames& names) {
  if (level > 0) note(alarm, level > 1 ? names.alarms : names.warnings);
}

void note_bits(std::uint8_t byte, const Row& row, FaultNames& names) {
  for (std::size_t bit = 0; bit < row.size(); ++bit) {
    if (byte >> bit & 1) note(row[bit], names.alarms);
  }
}

}  // namespace

FaultNames names_of(const AlarmBytes& bytes) {
  FaultNames names;
  for (std::size_t n = 0; n < levels.size(); ++n) {
    note_level(bytes[n] & 7, levels[n].low, names);
    note_level(bytes[n] >> 3 & 7, levels[n].high, names);
    if (bytes[n] & 0x40) note(levels[n].bit_6, names.alarms);
    if (bytes[n] & 0x80) note(levels[n].bit_7, names.alarms);
  }
  note_bits(bytes[11], detection, names);
  note_bits(bytes[12], board, names);
  note_bits(bytes[13], beside, names);
  return names;
}

}  // namespace cellwarden::daly
