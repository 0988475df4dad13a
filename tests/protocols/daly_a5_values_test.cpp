// What Daly's settings, texts and fault bits mean, by daly.md 1.2 and 1.3.
#include <doctest/doctest.h>

#include "protocols/daly/a5_decoder.h"
#include "protocols/daly/fault_bits.h"
#include "tests/protocols/daly_a5_board.h"

using namespace cellwarden;
using namespace daly_test;

namespace {

Heard hear(std::uint8_t command, const Buffer& bytes) { return test::hear(daly::A5Decoder(), ask(command), {bytes}); }

}  // namespace

TEST_CASE("daly a5: limits are the level that cuts, L2") {
  Board board;
  Limits all;
  for (const int command : {0x50, 0x53, 0x59, 0x5A, 0x5B, 0x5F}) {
    const Heard heard = hear(static_cast<std::uint8_t>(command), board.answer(static_cast<std::uint8_t>(command)));
    CHECK(heard.good == 1);
    merge(all, heard.limits);
  }
  CHECK(all.capacity_ah.value() == doctest::Approx(280));
  CHECK(all.chemistry == "lfp");
  CHECK(all.cell_ovp_v.value() == doctest::Approx(3.65));
  CHECK(all.cell_uvp_v.value() == doctest::Approx(2.5));
  CHECK(all.pack_ovp_v.value() == doctest::Approx(29.2));
  CHECK(all.pack_uvp_v.value() == doctest::Approx(20));
  CHECK(all.charge_ocp_a.value() == doctest::Approx(100));
  CHECK(all.discharge_ocp_a.value() == doctest::Approx(150));
  CHECK(all.balance_start_v.value() == doctest::Approx(3.8));
  CHECK(all.balance_delta_v.value() == doctest::Approx(0.05));
  CHECK_FALSE(all.charge_otp_c);  // 0x5C and 0x5D have no confirmed layout
}

TEST_CASE("daly a5: the sign says which current limit it is, whichever pair it stands in") {
  const Heard other_way = hear(0x5B, reply(0x5B, {0x79, 0xE0, 0x7B, 0x0C, 0x72, 0x10, 0x71, 0x48}));
  CHECK(other_way.limits.charge_ocp_a.value() == doctest::Approx(100));
  CHECK(other_way.limits.discharge_ocp_a.value() == doctest::Approx(150));
  const Heard alike = hear(0x5B, reply(0x5B, {0x79, 0xE0, 0x7B, 0x0C, 0x79, 0xE0, 0x7B, 0x0C}));
  CHECK(alike.limits == Limits{});
  CHECK(alike.rejected.contains(FrameError::range));
}

TEST_CASE("daly a5: limits no battery has are refused") {
  CHECK(hear(0x59, reply(0x59, {0x0E, 0x10, 0x8E, 0x42, 0x0A, 0xF0, 0x09, 0xC4})).rejected.contains(FrameError::range));
  CHECK(hear(0x59, reply(0x59, {0x0E, 0x10, 0x09, 0xC4, 0x0A, 0xF0, 0x0E, 0x42})).rejected.contains(FrameError::range));
  CHECK(hear(0x50, reply(0x50, {0x80, 0x04, 0x45, 0xC0})).rejected.contains(FrameError::range));
  CHECK(hear(0x50, reply(0x50, {})).limits == Limits{});  // never set: unknown, not 0 Ah
}

TEST_CASE("daly a5: who the board is") {
  Board board;
  CHECK(hear(0x62, board.answer(0x62)).identity.software == "20220810-A");
  CHECK(hear(0x63, board.answer(0x63)).identity.hardware == "DL-BMS-R32-01E");
  CHECK(hear(0x57, board.answer(0x57)).identity.serial == "BT123456");
  CHECK(hear(0x53, board.answer(0x53)).identity.manufactured == "2022-08-10");
  CHECK(hear(0x54, reply(0x54, {'2', '0', '2', '2', '0', '8', '1', '0'})).identity.software == "20220810");
  CHECK_FALSE(hear(0x53, reply(0x53, {0, 1, 0, 0, 0})).identity.manufactured);
  CHECK(hear(0x53, reply(0x53, {0, 1, 0, 0, 0})).limits.chemistry == "nmc");
  Buffer four_of_five = board.answer(0x57);
  four_of_five.resize(52);
  CHECK_FALSE(hear(0x57, four_of_five).identity.serial);
}

TEST_CASE("daly a5: the version wins over the firmware index, whichever comes first") {
  Board board;
  Heard heard;
  daly::A5Decoder decoder;
  for (const int command : {0x62, 0x54}) {
    decoder.feed(Direction::to_bms, ask(static_cast<std::uint8_t>(command)), heard);
    decoder.feed(Direction::from_bms,
                 command == 0x54 ? reply(0x54, {'9', '9'}) : board.answer(static_cast<std::uint8_t>(command)), heard);
  }
  CHECK(heard.identity.software == "20220810-A");
}

TEST_CASE("daly: each fault bit, by the table of daly.md") {
  struct Bit {
    int byte, bit;
    const char* warning;
    const char* alarm;
  };
  const std::vector<Bit> table = {{0, 0, "cell_overvoltage", ""},
                                  {0, 1, "", "cell_overvoltage"},
                                  {0, 2, "cell_undervoltage", ""},
                                  {0, 3, "", "cell_undervoltage"},
                                  {0, 4, "pack_overvoltage", ""},
                                  {0, 5, "", "pack_overvoltage"},
                                  {0, 6, "pack_undervoltage", ""},
                                  {0, 7, "", "pack_undervoltage"},
                                  {1, 0, "charge_overtemperature", ""},
                                  {1, 1, "", "charge_overtemperature"},
                                  {1, 2, "charge_undertemperature", ""},
                                  {1, 3, "", "charge_undertemperature"},
                                  {1, 4, "discharge_overtemperature", ""},
                                  {1, 5, "", "discharge_overtemperature"},
                                  {1, 6, "discharge_undertemperature", ""},
                                  {1, 7, "", "discharge_undertemperature"},
                                  {2, 0, "charge_overcurrent", ""},
                                  {2, 1, "", "charge_overcurrent"},
                                  {2, 2, "discharge_overcurrent", ""},
                                  {2, 3, "", "discharge_overcurrent"},
                                  {2, 4, "other", ""},
                                  {2, 5, "", "other"},
                                  {2, 6, "soc_low", ""},
                                  {2, 7, "", "soc_low"},
                                  {3, 0, "cell_difference", ""},
                                  {3, 1, "", "cell_difference"},
                                  {3, 2, "temperature_difference", ""},
                                  {3, 3, "", "temperature_difference"},
                                  {3, 4, "", ""},
                                  {3, 7, "", ""},
                                  {4, 0, "", "mos_overtemperature"},
                                  {4, 1, "", "mos_overtemperature"},
                                  {4, 2, "", "sensor_fault"},
                                  {4, 3, "", "sensor_fault"},
                                  {4, 4, "", "mos_fault"},
                                  {4, 5, "", "mos_fault"},
                                  {4, 6, "", "mos_fault"},
                                  {4, 7, "", "mos_fault"},
                                  {5, 0, "", "internal_fault"},
                                  {5, 1, "", "sensor_fault"},
                                  {5, 2, "", "sensor_fault"},
                                  {5, 3, "", "internal_fault"},
                                  {5, 4, "", "internal_fault"},
                                  {5, 5, "", "other"},
                                  {5, 6, "", "other"},
                                  {5, 7, "", "internal_fault"},
                                  {6, 0, "", "sensor_fault"},
                                  {6, 1, "", "sensor_fault"},
                                  {6, 2, "", "short_circuit"},
                                  {6, 3, "", "other"},
                                  {6, 4, "", ""},
                                  {6, 7, "", ""}};
  for (const Bit& bit : table) {
    INFO("byte " << bit.byte << " bit " << bit.bit);
    Buffer payload(8);
    payload[static_cast<std::size_t>(bit.byte)] = static_cast<std::uint8_t>(1 << bit.bit);
    payload[7] = 0x5A;
    const Reading reading = hear(0x98, reply(0x98, payload)).readings.at(0);
    const auto names = [](const std::optional<std::vector<Alarm>>& alarms) {
      std::string all;
      for (const Alarm alarm : alarms.value()) all += name(alarm);
      return all;
    };
    CHECK(names(reading.warnings) == bit.warning);
    CHECK(names(reading.alarms) == bit.alarm);
    CHECK(reading.alarm_raw.value().substr(14) == "5A");
    CHECK(reading.alarm_raw.value().substr(static_cast<std::size_t>(2 * bit.byte), 2) != "00");
  }
}

TEST_CASE("daly a5: absent sensors are null, cells past the count are no balancing cells") {
  Heard heard;
  daly::A5Decoder decoder;
  const auto answer = [&](std::uint8_t command, Buffer payload) {
    decoder.feed(Direction::to_bms, ask(command), heard);
    decoder.feed(Direction::from_bms, reply(command, std::move(payload)), heard);
  };
  answer(0x94, {4, 3});
  answer(0x96, {1, 60, 0x00, 0xFF, 99, 99, 99, 99});
  answer(0x97, {0xF5});
  decoder.finish(heard);
  const Reading& reading = heard.readings.at(0);
  CHECK(reading.temps_c == std::vector<std::optional<double>>{20.0, std::nullopt, std::nullopt});
  CHECK(reading.balancing_cells == std::vector{1, 3});
}

TEST_CASE("daly a5: a remaining capacity of 0 is not known yet") {
  CHECK_FALSE(hear(0x93, reply(0x93, {0, 1, 0, 9, 0, 0, 0, 0})).readings.at(0).remaining_ah);
  CHECK(hear(0x93, reply(0x93, {3, 1, 0, 9, 0, 0, 0, 0})).rejected.contains(FrameError::range));
}
