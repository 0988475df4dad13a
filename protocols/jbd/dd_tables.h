#pragma once
// What JBD's bits and configuration registers mean in our words (jbd.md 2.1, 3).
#include <array>
#include <span>

#include "protocols/jbd/dd.h"

namespace cellwarden::jbd {

/// 0x03, protection bits. 11 front-end IC, 12 FETs turned off by command, 13 and 14 MOSFET breakdown.
inline constexpr std::array<std::optional<Alarm>, 16> protection_bits = {Alarm::cell_overvoltage,
                                                                         Alarm::cell_undervoltage,
                                                                         Alarm::pack_overvoltage,
                                                                         Alarm::pack_undervoltage,
                                                                         Alarm::charge_overtemperature,
                                                                         Alarm::charge_undertemperature,
                                                                         Alarm::discharge_overtemperature,
                                                                         Alarm::discharge_undertemperature,
                                                                         Alarm::charge_overcurrent,
                                                                         Alarm::discharge_overcurrent,
                                                                         Alarm::short_circuit,
                                                                         Alarm::internal_fault,
                                                                         Alarm::other,
                                                                         Alarm::mos_fault,
                                                                         Alarm::mos_fault,
                                                                         std::nullopt};

/// 0x03's extension, alarm bits.
inline constexpr std::array<std::optional<Alarm>, 16> warning_bits = {
    Alarm::cell_overvoltage,          Alarm::cell_undervoltage,
    Alarm::pack_overvoltage,          Alarm::pack_undervoltage,
    Alarm::charge_overtemperature,    Alarm::charge_undertemperature,
    Alarm::discharge_overtemperature, Alarm::discharge_undertemperature,
    Alarm::charge_overcurrent,        Alarm::discharge_overcurrent,
    Alarm::cell_difference,           Alarm::soc_low};

/// The alarms of the bits that are set, each once, in the order of the bits.
std::vector<Alarm> alarms_of(std::uint32_t bits, std::span<const std::optional<Alarm>> table);

/// 15-9 year - 2000, 8-5 month, 4-0 day; empty when it was never set.
std::optional<std::string> date_of(std::uint16_t raw);

/// What the words say of limits. `unit_x10`: known from 0x03; the words' own function bits (0x2D) say it too.
Limits limits_of(const ConfigWords& config, bool unit_x10);
/// What the words say of the board: production date and serial number.
Identity identity_of(const ConfigWords& config);

}  // namespace cellwarden::jbd
