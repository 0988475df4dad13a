#include <doctest/doctest.h>

#include "protocols/jk/jk_alarms.h"

using namespace cellwarden;

namespace {

Reading with(std::uint32_t bits) {
  Reading reading;
  jk::set_alarms(bits, jk::alarm_bits, reading);
  return reading;
}

}  // namespace

TEST_CASE("jk: \"change the password\" raises nothing, alone or among others") {
  CHECK(with(0x80000).alarms == std::vector<Alarm>{});
  CHECK(with(0x80000).warnings == std::vector<Alarm>{});
  const Reading seen = with(0x80201);  // on a real pack: wire resistance, charge under-temperature
  CHECK(seen.alarms == std::vector{Alarm::charge_undertemperature});
  CHECK(seen.warnings == std::vector{Alarm::other});
}

TEST_CASE("jk: a full pack is a warning, no alarm") {
  CHECK(with(0x10).alarms == std::vector<Alarm>{});
  CHECK(with(0x10).warnings == std::vector{Alarm::cell_overvoltage});
}

TEST_CASE("jk: the other bits of BLE and Modbus by their names") {
  const std::vector<std::pair<unsigned, Alarm>> table = {{1, Alarm::mos_overtemperature},
                                                         {2, Alarm::other},
                                                         {3, Alarm::sensor_fault},
                                                         {5, Alarm::pack_overvoltage},
                                                         {6, Alarm::charge_overcurrent},
                                                         {7, Alarm::short_circuit},
                                                         {8, Alarm::charge_overtemperature},
                                                         {9, Alarm::charge_undertemperature},
                                                         {10, Alarm::internal_fault},
                                                         {11, Alarm::cell_undervoltage},
                                                         {12, Alarm::pack_undervoltage},
                                                         {13, Alarm::discharge_overcurrent},
                                                         {14, Alarm::short_circuit},
                                                         {15, Alarm::discharge_overtemperature},
                                                         {16, Alarm::mos_fault},
                                                         {17, Alarm::mos_fault},
                                                         {20, Alarm::mos_fault},
                                                         {21, Alarm::charge_overtemperature},
                                                         {22, Alarm::sensor_fault},
                                                         {23, Alarm::internal_fault},
                                                         {24, Alarm::short_circuit},
                                                         {25, Alarm::discharge_overcurrent},
                                                         {26, Alarm::discharge_overcurrent},
                                                         {27, Alarm::discharge_undertemperature},
                                                         {28, Alarm::other}};
  for (const auto& [number, alarm] : table) {
    const unsigned bit = number;
    INFO(bit);
    CHECK(with(1U << bit).alarms == std::vector{alarm});
    CHECK(with(1U << bit).warnings == std::vector<Alarm>{});
  }
  CHECK(with(0xE0000000).alarms == std::vector<Alarm>{});
}
