#pragma once
// What the bits of JBD's UP series mean in our words (jbd.md 5.1).
#include <array>
#include <optional>

#include "protocols/battery.h"

namespace cellwarden::jbd::up {

/// 13, 14 surroundings hot, cold; 19 cell, 20 temperature sensor lost; 23 current limiter; 24 aerosol; 25 full, which
/// is no fault; 26 front end; 27 reversed.
inline constexpr std::array<std::optional<Alarm>, 28> fault_bits = {Alarm::cell_overvoltage,
                                                                    Alarm::cell_undervoltage,
                                                                    Alarm::pack_overvoltage,
                                                                    Alarm::pack_undervoltage,
                                                                    Alarm::charge_overcurrent,
                                                                    Alarm::charge_overcurrent,
                                                                    Alarm::discharge_overcurrent,
                                                                    Alarm::discharge_overcurrent,
                                                                    Alarm::charge_overtemperature,
                                                                    Alarm::charge_undertemperature,
                                                                    Alarm::discharge_overtemperature,
                                                                    Alarm::discharge_undertemperature,
                                                                    Alarm::mos_overtemperature,
                                                                    Alarm::other,
                                                                    Alarm::other,
                                                                    Alarm::cell_difference,
                                                                    Alarm::temperature_difference,
                                                                    Alarm::soc_low,
                                                                    Alarm::short_circuit,
                                                                    Alarm::sensor_fault,
                                                                    Alarm::sensor_fault,
                                                                    Alarm::mos_fault,
                                                                    Alarm::mos_fault,
                                                                    Alarm::other,
                                                                    Alarm::other,
                                                                    std::nullopt,
                                                                    Alarm::internal_fault,
                                                                    Alarm::other};

/// 11, 12 surroundings hot, cold; 16 EEPROM; 17 clock; 18 full.
inline constexpr std::array<std::optional<Alarm>, 19> alarm_bits = {Alarm::cell_overvoltage,
                                                                    Alarm::cell_undervoltage,
                                                                    Alarm::pack_overvoltage,
                                                                    Alarm::pack_undervoltage,
                                                                    Alarm::charge_overcurrent,
                                                                    Alarm::discharge_overcurrent,
                                                                    Alarm::charge_overtemperature,
                                                                    Alarm::charge_undertemperature,
                                                                    Alarm::discharge_overtemperature,
                                                                    Alarm::discharge_undertemperature,
                                                                    Alarm::mos_overtemperature,
                                                                    Alarm::other,
                                                                    Alarm::other,
                                                                    Alarm::cell_difference,
                                                                    Alarm::temperature_difference,
                                                                    Alarm::soc_low,
                                                                    Alarm::internal_fault,
                                                                    Alarm::internal_fault,
                                                                    std::nullopt};

}  // namespace cellwarden::jbd::up
