// What D2's registers mean at their edges (daly.md 2.2 to 2.5).
#include <doctest/doctest.h>

#include "protocols/daly/d2_decoder.h"
#include "tests/protocols/daly_d2_board.h"

using namespace d2_test;
using doctest::Approx;

namespace {

Heard hear(const Board& board, const Buffer& request) {
  return test::hear(daly::D2Decoder(), request, {board.answer(request)});
}
Reading reading_with(std::map<int, int> other) { return hear({.other = std::move(other)}, ask(0, 80)).readings.at(0); }
Limits limits_with(std::map<int, int> other) { return hear({.other = std::move(other)}, ask_settings).limits; }

}  // namespace

TEST_CASE("daly d2: current is positive when charging") {
  CHECK(reading_with({{0x29, 30000 + 305}}).current_a.value() == Approx(30.5));
  CHECK(reading_with({{0x29, 0x7517}}).current_a.value() == Approx(-2.5));
  CHECK(reading_with({{0x29, 30000 + 305}}).power_w.value() == Approx(30.5 * 26.5));
  CHECK(reading_with({{0x29, 30000}}).current_a == 0);
}

TEST_CASE("daly d2: a sensor that is not there has no temperature") {
  const Reading reading = reading_with({{0x20, 0xFF}, {0x21, 0xFFFF}, {0x22, 0}, {0x23, 15}, {0x24, 70}, {0x32, 4}});
  CHECK(reading.temps_c == std::vector<std::optional<double>>{std::nullopt, std::nullopt, std::nullopt, -25.0});
  CHECK(reading_with({{0x32, 0}}).temps_c.empty());
  for (const int none : {0x0000, 0x00FF, 0xFFFF}) CHECK_FALSE(reading_with({{0x42, none}}).mos_temp_c);
}

TEST_CASE("daly d2: registers that read FFFF are not there") {
  const Reading reading =
      reading_with({{0x30, 0xFFFF}, {0x33, 0xFFFF}, {0x34, 0xFFFF}, {0x35, 0xFFFF}, {0x36, 2}, {0x40, 0xFFFF}});
  CHECK_FALSE(reading.remaining_ah);
  CHECK_FALSE(reading.cycles);
  CHECK_FALSE(reading.balancing);
  CHECK_FALSE(reading.balancing_cells);
  CHECK_FALSE(reading.charge_on);
  CHECK_FALSE(reading.discharge_on);
  CHECK_FALSE(reading.balance_current_a);
  const Reading one_word = reading_with({{0x3B, 0xFFFF}});
  CHECK(one_word.alarms == std::vector{Alarm::charge_undertemperature});
  CHECK(one_word.alarm_raw == "0801 FFFF 0000 0000");
  const Reading no_word = reading_with({{0x3A, 0xFFFF}, {0x3B, 0xFFFF}, {0x3C, 0xFFFF}, {0x3D, 0xFFFF}});
  CHECK_FALSE(no_word.alarms);
  CHECK_FALSE(no_word.warnings);
}

TEST_CASE("daly d2: what is left over before a full charge is not known") {
  CHECK_FALSE(reading_with({{0x30, 0}}).remaining_ah);
  CHECK(reading_with({{0x30, 1}}).remaining_ah.value() == Approx(0.1));
}

TEST_CASE("daly d2: balancing bits are believed where 0x34 agrees: two sheets call them mileage") {
  CHECK(reading_with({}).balancing_cells == std::vector{8});
  CHECK(reading_with({{0x3E, 0x0003}}).balancing_cells == std::vector{1, 2});
  CHECK_FALSE(reading_with({{0x3E, 0x0100}}).balancing_cells);  // a ninth of eight cells
  CHECK_FALSE(reading_with({{0x3F, 0x0001}}).balancing_cells);
  CHECK_FALSE(reading_with({{0x3E, 0}}).balancing_cells);
  const Reading at_rest = reading_with({{0x34, 0}, {0x3E, 0x1234}});
  CHECK(at_rest.balancing == false);
  CHECK(at_rest.balancing_cells == std::vector<int>{});
  CHECK(reading_with({{0x40, 30000 - 700}}).balance_current_a.value() == Approx(-0.7));
  CHECK_FALSE(reading_with({{0x40, 0}}).balance_current_a);
}

TEST_CASE("daly d2: cells beyond the count are none, and no pack has 33") {
  const Board board{.other = {{8, 0x8E6F}, {9, 3300}}};
  CHECK(hear(board, ask_live).readings.at(0).cells_v.size() == 8);
  Board big{.other = {{0x31, 32}}};
  for (int cell = 0; cell < 32; ++cell) big.other[cell] = 3300;
  CHECK(hear(big, ask_live).readings.at(0).cells_v.size() == 32);
  for (const auto& wrong : {std::pair{0x31, 33}, {0x31, 0xFFFF}, {0x32, 9}, {0x2A, 1101}, {0x2A, 0xFFFF}}) {
    const Heard heard = hear({.other = {wrong}}, ask_live);
    CHECK(heard.readings.empty());
    CHECK(heard.limits == Limits{});
    CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::range, 1}});
  }
}

TEST_CASE("daly d2: every fault bit is its alarm, alone") {
  const auto names = [](int bit) {
    const Reading reading = reading_with({{0x3A, bit / 16 == 0 ? 1 << bit % 16 : 0},
                                          {0x3B, bit / 16 == 1 ? 1 << bit % 16 : 0},
                                          {0x3C, bit / 16 == 2 ? 1 << bit % 16 : 0},
                                          {0x3D, bit / 16 == 3 ? 1 << bit % 16 : 0}});
    std::string text;
    for (const Alarm alarm : *reading.warnings) text += "warns " + std::string(name(alarm));
    for (const Alarm alarm : *reading.alarms) text += name(alarm);
    return text;
  };
  // By the bytes of daly.md 1.2: low byte of 0x3A is byte 0, its high byte byte 1, and so on.
  const std::vector<std::string> pairs = {"cell_overvoltage",
                                          "cell_undervoltage",
                                          "pack_overvoltage",
                                          "pack_undervoltage",
                                          "charge_overtemperature",
                                          "charge_undertemperature",
                                          "discharge_overtemperature",
                                          "discharge_undertemperature",
                                          "charge_overcurrent",
                                          "discharge_overcurrent",
                                          "other",
                                          "soc_low",
                                          "cell_difference",
                                          "temperature_difference"};
  for (int bit = 0; bit < 28; ++bit) {
    const std::string& alarm = pairs[static_cast<std::size_t>(bit) / 2];
    CHECK(names(bit) == (bit % 2 == 0 ? "warns " + alarm : alarm));
  }
  for (const int reserved : {28, 29, 30, 31, 52, 53, 54, 55, 56, 63}) CHECK(names(reserved).empty());
  CHECK(names(32) == "mos_overtemperature");
  CHECK(names(36) == "mos_fault");
  CHECK(names(40) == "internal_fault");
  CHECK(names(42) == "sensor_fault");
  CHECK(names(50) == "short_circuit");
}

TEST_CASE("daly d2: of a board asleep nothing is a reading") {
  for (const auto& zero : {std::pair{0x28, 0}, {0x29, 0}, {0x31, 0}}) {
    Heard heard;
    daly::D2Decoder decoder;
    const Board board{.other = {zero}};
    decoder.feed(Direction::to_bms, ask_live, heard);
    decoder.feed(Direction::from_bms, board.answer(ask_live), heard);
    CHECK(decoder.answer() == daly::D2Decoder::Answer::asleep);
    decoder.feed(Direction::to_bms, ask_board, heard);
    decoder.feed(Direction::from_bms, board.answer(ask_board), heard);
    decoder.finish(heard);
    CHECK(heard.readings.empty());
    CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::range, 1}});
  }
}

TEST_CASE("daly d2: a block of FF is no block") {
  for (const Buffer& request : {ask_live, ask_board, ask_settings, ask_identity}) {
    Heard heard;
    daly::D2Decoder decoder;
    decoder.feed(Direction::to_bms, request, heard);
    decoder.feed(Direction::from_bms, reply(std::vector<int>(request[5], 0xFFFF)), heard);
    CHECK(decoder.answer() == daly::D2Decoder::Answer::blank);
    decoder.finish(heard);
    CHECK(heard.readings.empty());
    CHECK(heard.limits == Limits{});
    CHECK(heard.identity == Identity{});
  }
}

TEST_CASE("daly d2: limits are the levels that cut, positive, and those switched off are none") {
  const Limits limits = limits_with({});
  CHECK(limits.capacity_ah.value() == Approx(280));
  CHECK(limits.cell_ovp_v.value() == Approx(3.65));
  CHECK(limits.cell_uvp_v.value() == Approx(2.5));
  CHECK(limits.pack_ovp_v.value() == Approx(29.2));
  CHECK(limits.pack_uvp_v.value() == Approx(20));
  CHECK(limits.charge_ocp_a.value() == Approx(100));
  CHECK(limits.discharge_ocp_a.value() == Approx(150));
  CHECK(limits.charge_otp_c.value() == Approx(55));
  CHECK(limits.charge_utp_c.value() == Approx(0));
  CHECK(limits.discharge_otp_c.value() == Approx(70));
  CHECK(limits.discharge_utp_c.value() == Approx(-20));
  CHECK(limits.balance_start_v.value() == Approx(3.4));
  CHECK(limits.balance_delta_v.value() == Approx(0.02));
  CHECK(limits.mos_otp_c.value() == Approx(90));
  CHECK(limits.chemistry == "lfp");
  CHECK(limits_with({{0x89, 1}}).chemistry == "nmc");
  CHECK(limits_with({{0x89, 2}}).chemistry == "lto");
  CHECK_FALSE(limits_with({{0x89, 3}}).chemistry);
  CHECK(limits_with({{0x96, 30000 - 1500}}).discharge_ocp_a.value() == Approx(150));

  const Limits off = limits_with({{0x98, 0xFF},
                                  {0x9A, 0xFF},
                                  {0x9C, 0xFFFF},
                                  {0x9E, 0xFF},
                                  {0xA8, 0},
                                  {0x94, 30000},
                                  {0x96, 0xFFFF},
                                  {0x80, 0},
                                  {0xA3, 0xFFFF},
                                  {0xA4, 0},
                                  {0x8C, 0xFFFF},
                                  {0x92, 0}});
  CHECK_FALSE(off.charge_otp_c);
  CHECK_FALSE(off.charge_utp_c);
  CHECK_FALSE(off.discharge_otp_c);
  CHECK_FALSE(off.discharge_utp_c);
  CHECK_FALSE(off.mos_otp_c);
  CHECK_FALSE(off.charge_ocp_a);
  CHECK_FALSE(off.discharge_ocp_a);
  CHECK_FALSE(off.capacity_ah);
  CHECK_FALSE(off.balance_start_v);
  CHECK_FALSE(off.balance_delta_v);
  CHECK_FALSE(off.cell_ovp_v);
  CHECK_FALSE(off.pack_uvp_v);
  CHECK(off.cell_uvp_v.value() == Approx(2.5));
}

TEST_CASE("daly d2: limits that contradict each other are not a battery's") {
  for (const auto& wrong : {std::pair{0x8C, 2400}, {0x8C, 5100}, {0x90, 190}, {0x90, 3100}}) {
    const Heard heard = hear({.other = {wrong}}, ask_settings);
    CHECK(heard.limits == Limits{});
    CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::range, 1}});
  }
}

TEST_CASE("daly d2: another program's reads of a few registers") {
  const Heard one = hear({}, ask(0x8C, 1));
  CHECK(one.good == 1);
  CHECK(one.limits.cell_ovp_v.value() == Approx(3.65));
  CHECK_FALSE(one.limits.cell_uvp_v);
  const Heard current = hear({}, ask(0x28, 2));
  CHECK(current.good == 1);
  CHECK(current.readings.empty());
}
