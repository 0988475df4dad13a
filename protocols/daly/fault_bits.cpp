#include "protocols/daly/fault_bits.h"

#include <algorithm>
#include <array>
#include <optional>

namespace cellwarden::daly {

namespace {

using Row = std::array<std::optional<Alarm>, 8>;

/// Bytes 0..3: a pair of bits each, L1 below L2. There is no word for a SoC that is high.
constexpr std::array<std::optional<Alarm>, 16> levels = {
    Alarm::cell_overvoltage,
    Alarm::cell_undervoltage,
    Alarm::pack_overvoltage,
    Alarm::pack_undervoltage,
    Alarm::charge_overtemperature,
    Alarm::charge_undertemperature,
    Alarm::discharge_overtemperature,
    Alarm::discharge_undertemperature,
    Alarm::charge_overcurrent,
    Alarm::discharge_overcurrent,
    Alarm::other,
    Alarm::soc_low,
    Alarm::cell_difference,
    Alarm::temperature_difference,
};

/// Byte 4: MOSFETs hot, their sensors bad, stuck closed, open circuit; charge before discharge.
constexpr Row mosfets = {
    Alarm::mos_overtemperature, Alarm::mos_overtemperature, Alarm::sensor_fault, Alarm::sensor_fault,
    Alarm::mos_fault,           Alarm::mos_fault,           Alarm::mos_fault,    Alarm::mos_fault};
/// Byte 5: front end, cell acquisition, temperature sensor, EEPROM, clock, precharge, vehicle's bus, internal bus.
constexpr Row board = {Alarm::internal_fault, Alarm::sensor_fault, Alarm::sensor_fault, Alarm::internal_fault,
                       Alarm::internal_fault, Alarm::other,        Alarm::other,        Alarm::internal_fault};
/// Byte 6: current module, pack voltage detection, short circuit, voltage too low to be charged.
constexpr Row detection = {Alarm::sensor_fault, Alarm::sensor_fault, Alarm::short_circuit, Alarm::other};

void note(std::optional<Alarm> alarm, std::vector<Alarm>& into) {
  if (alarm && std::ranges::find(into, *alarm) == into.end()) into.push_back(*alarm);
}

}  // namespace

FaultNames names_of(std::uint64_t fault_bits) {
  FaultNames names;
  const auto is_set = [&](std::size_t bit) { return (fault_bits >> bit & 1) != 0; };
  for (std::size_t pair = 0; pair < levels.size(); ++pair) {
    if (is_set(2 * pair)) note(levels[pair], names.warnings);
    if (is_set(2 * pair + 1)) note(levels[pair], names.alarms);
  }
  for (std::size_t bit = 0; bit < 8; ++bit) {
    if (is_set(32 + bit)) note(mosfets[bit], names.alarms);
  }
  for (std::size_t bit = 0; bit < 8; ++bit) {
    if (is_set(40 + bit)) note(board[bit], names.alarms);
  }
  for (std::size_t bit = 0; bit < 8; ++bit) {
    if (is_set(48 + bit)) note(detection[bit], names.alarms);
  }
  return names;
}

}  // namespace cellwarden::daly
