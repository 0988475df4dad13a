#pragma once
// What JK's alarm bits mean in our words. UART has a word of its own; BLE and Modbus share one (jk.md 1.8, 2).
#include <array>
#include <cstdint>
#include <span>

#include "protocols/battery.h"

namespace cellwarden::jk {

struct AlarmBit {
  enum Level { silent, warning, alarm } level = silent;
  Alarm name = Alarm::other;
};

/// Tag 8B. JK has one bit where we have a name for charging and one for discharging: 4 and 8 (battery and box too hot),
/// 9 (too cold) go to charging, which is cut first. 12, 13: the front-end chips "309_A" and "309_B".
inline constexpr std::array<AlarmBit, 16> uart_alarm_bits = {{{AlarmBit::warning, Alarm::soc_low},
                                                              {AlarmBit::alarm, Alarm::mos_overtemperature},
                                                              {AlarmBit::alarm, Alarm::pack_overvoltage},
                                                              {AlarmBit::alarm, Alarm::pack_undervoltage},
                                                              {AlarmBit::alarm, Alarm::charge_overtemperature},
                                                              {AlarmBit::alarm, Alarm::charge_overcurrent},
                                                              {AlarmBit::alarm, Alarm::discharge_overcurrent},
                                                              {AlarmBit::alarm, Alarm::cell_difference},
                                                              {AlarmBit::alarm, Alarm::charge_overtemperature},
                                                              {AlarmBit::alarm, Alarm::charge_undertemperature},
                                                              {AlarmBit::alarm, Alarm::cell_overvoltage},
                                                              {AlarmBit::alarm, Alarm::cell_undervoltage},
                                                              {AlarmBit::alarm, Alarm::internal_fault},
                                                              {AlarmBit::alarm, Alarm::internal_fault},
                                                              {},
                                                              {}}};

/// BLE frame 0x02 and Modbus 0x12A0; the 24S generation has the low 16 only. 0 balance wire, 2 cell count is not as
/// set, 4 also "fully charged", 18 GPS gone, 19 "change the password" (no fault), 20 discharge cannot be switched on,
/// 21 battery too hot, 23 parallel module, 24 short circuit not released, 25 and 26 second and third level, 28 GPS
/// lock.
inline constexpr std::array<AlarmBit, 32> alarm_bits = {{{AlarmBit::warning, Alarm::other},
                                                         {AlarmBit::alarm, Alarm::mos_overtemperature},
                                                         {AlarmBit::alarm, Alarm::other},
                                                         {AlarmBit::alarm, Alarm::sensor_fault},
                                                         {AlarmBit::warning, Alarm::cell_overvoltage},
                                                         {AlarmBit::alarm, Alarm::pack_overvoltage},
                                                         {AlarmBit::alarm, Alarm::charge_overcurrent},
                                                         {AlarmBit::alarm, Alarm::short_circuit},
                                                         {AlarmBit::alarm, Alarm::charge_overtemperature},
                                                         {AlarmBit::alarm, Alarm::charge_undertemperature},
                                                         {AlarmBit::alarm, Alarm::internal_fault},
                                                         {AlarmBit::alarm, Alarm::cell_undervoltage},
                                                         {AlarmBit::alarm, Alarm::pack_undervoltage},
                                                         {AlarmBit::alarm, Alarm::discharge_overcurrent},
                                                         {AlarmBit::alarm, Alarm::short_circuit},
                                                         {AlarmBit::alarm, Alarm::discharge_overtemperature},
                                                         {AlarmBit::alarm, Alarm::mos_fault},
                                                         {AlarmBit::alarm, Alarm::mos_fault},
                                                         {AlarmBit::warning, Alarm::other},
                                                         {},
                                                         {AlarmBit::alarm, Alarm::mos_fault},
                                                         {AlarmBit::alarm, Alarm::charge_overtemperature},
                                                         {AlarmBit::alarm, Alarm::sensor_fault},
                                                         {AlarmBit::alarm, Alarm::internal_fault},
                                                         {AlarmBit::alarm, Alarm::short_circuit},
                                                         {AlarmBit::alarm, Alarm::discharge_overcurrent},
                                                         {AlarmBit::alarm, Alarm::discharge_overcurrent},
                                                         {AlarmBit::alarm, Alarm::discharge_undertemperature},
                                                         {AlarmBit::alarm, Alarm::other},
                                                         {},
                                                         {},
                                                         {}}};

/// Sets `alarms` and `warnings`: those of the bits that are set, each once, in the order of the bits.
void set_alarms(std::uint32_t bits, std::span<const AlarmBit> table, Reading& into);

}  // namespace cellwarden::jk
