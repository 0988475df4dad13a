// What the registers of Daly's H, K, M and S boards mean at their edges (daly.md 3).
#include <doctest/doctest.h>

#include "protocols/daly/alarm_levels.h"
#include "protocols/daly/hkms_decoder.h"
#include "tests/protocols/daly_hkms_board.h"

using namespace hkms_test;
using doctest::Approx;

namespace {

Heard hear(const Board& board, const std::vector<Buffer>& requests) {
  Heard heard;
  daly::HkmsDecoder decoder;
  for (const Buffer& request : requests) {
    decoder.feed(Direction::to_bms, request, heard);
    decoder.feed(Direction::from_bms, board.answer(request), heard);
  }
  decoder.finish(heard);
  return heard;
}
Reading reading_with(std::map<int, int> other) {
  return hear({.other = std::move(other)}, {ask_measured, ask_state}).readings.at(0);
}
Limits limits_with(std::map<int, int> other) {
  return hear({.other = std::move(other)}, {ask_settings, ask_limits}).limits;
}
using Temps = std::vector<std::optional<double>>;

}  // namespace

TEST_CASE("daly hkms: current is positive when charging") {
  CHECK(reading_with({{0x39, 30000 + 305}}).current_a.value() == Approx(30.5));
  CHECK(reading_with({{0x39, 0x74D7}}).current_a.value() == Approx(-8.9));
  CHECK(reading_with({{0x39, 30000 + 305}}).power_w.value() == Approx(30.5 * 26.5));
}

TEST_CASE("daly hkms: a sensor that is not there has no temperature") {
  CHECK(reading_with({{0x30, 0xFF}, {0x31, 0xFFFF}, {0x32, 0}, {0x33, 15}, {0x3D, 4}}).temps_c ==
        Temps{std::nullopt, std::nullopt, std::nullopt, -25.0});
  CHECK(reading_with({{0x3D, 0}}).temps_c.empty());
  for (const int none : {0x0000, 0x00FF, 0xFFFF}) CHECK_FALSE(reading_with({{0x5A, none}}).mos_temp_c);
}

TEST_CASE("daly hkms: registers that read FFFF are not there") {
  const Reading reading =
      reading_with({{0x4B, 0xFFFF}, {0x4C, 0xFFFF}, {0x4E, 0xFFFF}, {0x4F, 0xFFFF}, {0x52, 0xFFFF}, {0x53, 2}});
  CHECK_FALSE(reading.remaining_ah);
  CHECK_FALSE(reading.cycles);
  CHECK_FALSE(reading.balancing);
  CHECK_FALSE(reading.balancing_cells);
  CHECK_FALSE(reading.balance_current_a);
  CHECK_FALSE(reading.charge_on);
  CHECK_FALSE(reading.discharge_on);
  std::map<int, int> no_alarms;
  for (int reg = 0x6D; reg <= 0x73; ++reg) no_alarms[reg] = 0xFFFF;
  CHECK_FALSE(reading_with(no_alarms).alarms);
  CHECK_FALSE(reading_with({{0x4B, 0}}).remaining_ah);  // until it has seen a full charge
}

TEST_CASE("daly hkms: who balances is told by the bits; where the state contradicts them nobody knows") {
  CHECK(reading_with({}).balancing_cells == std::vector{8});
  CHECK(reading_with({{0x4F, 0x0003}, {0x4D, 7}}).balancing_cells == std::vector{1, 2});
  CHECK_FALSE(reading_with({{0x4F, 0x0100}}).balancing_cells);  // a ninth of eight cells
  CHECK_FALSE(reading_with({{0x50, 0x0001}}).balancing_cells);
  CHECK_FALSE(reading_with({{0x51, 0x0001}}).balancing);
  CHECK_FALSE(reading_with({{0x4F, 0}}).balancing);
  const Reading at_rest = reading_with({{0x4D, 0}, {0x4F, 0}, {0x4E, 0}});
  CHECK(at_rest.balancing == false);
  CHECK(at_rest.balancing_cells == std::vector<int>{});
  CHECK_FALSE(at_rest.balance_current_a);
  CHECK(reading_with({{0x4E, 30000 - 700}}).balance_current_a.value() == Approx(-0.7));
}

TEST_CASE("daly hkms: no pack has 49 cells, nine sensors or more than all its charge") {
  Board big{.other = {{0x3C, 48}}};
  for (int cell = 0; cell < 48; ++cell) big.other[cell] = 3300;
  CHECK(hear(big, {ask_measured}).readings.at(0).cells_v.size() == 48);
  for (const auto& wrong : {std::pair{0x3C, 49}, {0x3C, 0xFFFF}, {0x3D, 9}, {0x3A, 1101}, {0x3A, 0xFFFF}}) {
    const Heard heard = hear({.other = {wrong}}, {ask_measured, ask_state});
    CHECK(heard.readings.empty());
    CHECK(heard.limits == Limits{});
    CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::range, 1}});
  }
}

TEST_CASE("daly hkms: of a board asleep nothing is a reading") {
  for (const auto& zero : {std::pair{0x38, 0}, {0x39, 0}, {0x3C, 0}}) {
    Heard heard;
    daly::HkmsDecoder decoder;
    const Board board{.other = {zero}};
    decoder.feed(Direction::to_bms, ask_measured, heard);
    decoder.feed(Direction::from_bms, board.answer(ask_measured), heard);
    CHECK(decoder.answer() == daly::HkmsDecoder::Answer::asleep);
    decoder.feed(Direction::to_bms, ask_state, heard);
    decoder.feed(Direction::from_bms, board.answer(ask_state), heard);
    decoder.finish(heard);
    CHECK(heard.readings.empty());
    CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::range, 1}});
  }
}

TEST_CASE("daly hkms: a block of FF is no block") {
  for (const Buffer& request : {ask_measured, ask_state, ask_settings, ask_limits, ask_identity}) {
    Heard heard;
    daly::HkmsDecoder decoder;
    decoder.feed(Direction::to_bms, request, heard);
    decoder.feed(Direction::from_bms, reply(std::vector<int>(request[5], 0xFFFF)), heard);
    CHECK(decoder.answer() == daly::HkmsDecoder::Answer::blank);
    decoder.finish(heard);
    CHECK(heard.readings.empty());
    CHECK(heard.limits == Limits{});
    CHECK(heard.identity == Identity{});
  }
}

TEST_CASE("daly hkms: every alarm bit is its alarm, alone; levels above 1 act") {
  const auto names = [](std::size_t byte, int value) {
    daly::AlarmBytes bytes{};
    bytes[byte] = static_cast<std::uint8_t>(value);
    const daly::FaultNames found = daly::names_of(bytes);
    std::string text;
    for (const Alarm alarm : found.warnings) text += "warns " + std::string(name(alarm));
    for (const Alarm alarm : found.alarms) text += name(alarm);
    return text;
  };
  // By the bytes of daly.md 3: two levels, then two bits.
  const std::vector<std::vector<std::string>> rows = {
      {"cell_overvoltage", "cell_undervoltage", "", "other"},
      {"cell_difference", "charge_overtemperature", "", "other"},
      {"charge_undertemperature", "discharge_overtemperature", "mos_overtemperature", "sensor_fault"},
      {"discharge_undertemperature", "temperature_difference", "mos_overtemperature", "sensor_fault"},
      {"pack_overvoltage", "pack_undervoltage", "short_circuit", ""},
      {"charge_overcurrent", "discharge_overcurrent", "pack_undervoltage", "pack_overvoltage"},
      {"soc_low", "other", "", ""},
      {"mos_overtemperature", "other", "", ""}};
  for (std::size_t byte = 0; byte < rows.size(); ++byte) {
    CAPTURE(byte);
    for (int level = 1; level < 8; ++level) {
      const std::string prefix = level == 1 ? "warns " : "";
      CHECK(names(byte, level) == prefix + rows[byte][0]);
      CHECK(names(byte, level << 3) == prefix + rows[byte][1]);
    }
    CHECK(names(byte, 0x40) == rows[byte][2]);
    CHECK(names(byte, 0x80) == rows[byte][3]);
  }
  for (const std::size_t reserved : {8, 9, 10}) CHECK(names(reserved, 0xFF).empty());
  for (const int bit : {0, 1, 2}) CHECK(names(11, 1 << bit) == "internal_fault");
  for (const int bit : {3, 4, 5, 6, 7}) CHECK(names(11, 1 << bit) == "sensor_fault");
  CHECK(names(12, 0x01) == "sensor_fault");
  for (const int bit : {1, 2, 3}) CHECK(names(12, 1 << bit) == "internal_fault");
  for (const int bit : {4, 5, 6}) CHECK(names(12, 1 << bit) == "mos_fault");
  CHECK(names(12, 0x80) == "other");
  CHECK(names(13, 0x7F).empty());
  CHECK(names(13, 0x80) == "other");
  // The low byte of a register comes first.
  CHECK(reading_with({{0x6D, 0x0200}, {0x6E, 0}}).alarms == std::vector{Alarm::cell_difference});
}

TEST_CASE("daly hkms: limits are the levels that cut, positive, and those switched off are none") {
  const Limits limits = limits_with({});
  CHECK(limits.capacity_ah.value() == Approx(314));
  CHECK(limits.cell_ovp_v.value() == Approx(3.65));
  CHECK(limits.cell_ovp_release_v.value() == Approx(3.5));
  CHECK(limits.cell_uvp_v.value() == Approx(2.5));
  CHECK(limits.cell_uvp_release_v.value() == Approx(2.9));
  CHECK(limits.pack_ovp_v.value() == Approx(29.2));
  CHECK(limits.pack_ovp_release_v.value() == Approx(28));
  CHECK(limits.pack_uvp_v.value() == Approx(20));
  CHECK(limits.pack_uvp_release_v.value() == Approx(23));
  CHECK(limits.charge_ocp_a.value() == Approx(100));
  CHECK(limits.discharge_ocp_a.value() == Approx(150));
  CHECK(limits.charge_otp_c.value() == Approx(55));
  CHECK(limits.charge_utp_c.value() == Approx(0));
  CHECK(limits.balance_start_v.value() == Approx(3.4));
  CHECK(limits.balance_delta_v.value() == Approx(0.02));
  CHECK_FALSE(limits.discharge_otp_c);  // its layout is not known

  const Limits off = limits_with({{0x109, 0},
                                  {0x10A, 0},
                                  {0x11A, 0xFFFF},
                                  {0x131, 0xFFFF},
                                  {0x13D, 0},
                                  {0x141, 30000},
                                  {0x146, 0xFFFF},
                                  {0x14B, 0xFF},
                                  {0x14F, 0xFFFF},
                                  {0x136, 2400}});
  CHECK_FALSE(off.capacity_ah);
  CHECK_FALSE(off.balance_start_v);
  CHECK_FALSE(off.cell_ovp_v);
  CHECK_FALSE(off.cell_ovp_release_v);
  CHECK_FALSE(off.cell_uvp_release_v);  // below its limit
  CHECK_FALSE(off.pack_uvp_v);
  CHECK_FALSE(off.charge_ocp_a);
  CHECK_FALSE(off.discharge_ocp_a);
  CHECK_FALSE(off.charge_otp_c);
  CHECK_FALSE(off.charge_utp_c);
  CHECK_FALSE(limits_with({{0x109, 0xFFFF}, {0x10A, 0xFFFF}}).capacity_ah);
}

TEST_CASE("daly hkms: limits that contradict each other are not a battery's") {
  for (const auto& wrong : {std::pair{0x131, 2400}, {0x131, 5100}, {0x139, 190}, {0x139, 3100}}) {
    const Heard heard = hear({.other = {wrong}}, {ask_limits});
    CHECK(heard.limits == Limits{});
    CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::range, 1}});
  }
}
