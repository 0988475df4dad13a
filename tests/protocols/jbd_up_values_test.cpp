// What the blocks of JBD's UP series mean at their edges (jbd.md 5.1).
#include <doctest/doctest.h>

#include "protocols/jbd/dd_tables.h"
#include "protocols/jbd/up_decoder.h"
#include "protocols/jbd/up_tables.h"
#include "tests/protocols/up_board.h"

using namespace up_test;
using doctest::Approx;

namespace {

Heard hear(const Unit& unit, const Buffer& request) {
  Heard heard;
  jbd::UpDecoder decoder;
  decoder.feed(Direction::to_bms, request, heard);
  decoder.feed(Direction::from_bms, unit.answer(request), heard);
  decoder.finish(heard);
  return heard;
}
Heard heard_with(std::map<int, int> other) { return hear({.other = std::move(other)}, ask_status()); }
Reading reading_with(std::map<int, int> other) { return heard_with(std::move(other)).readings.at(0); }
Limits limits_with(std::map<int, int> other) { return hear({.limits = std::move(other)}, ask_thresholds()).limits; }

}  // namespace

TEST_CASE("jbd up: current is positive when charging") {
  CHECK(reading_with({{4, 0x0004}, {6, 0x93E0}}).current_a == 0);
  CHECK(reading_with({{4, 0x0004}, {6, 0x93E0 + 2050}}).current_a.value() == Approx(20.5));
  CHECK(reading_with({{4, 0x0004}, {6, 0x93E0 - 2050}}).current_a.value() == Approx(-20.5));
  CHECK(reading_with({{4, 0x0004}, {6, 0x93E0 + 2050}}).power_w.value() == Approx(20.5 * 53.04));
}

TEST_CASE("jbd up: MOSFETs, sensors, health and balancing") {
  CHECK(reading_with({{32, 1}}).charge_on == false);
  CHECK(reading_with({{32, 1}}).discharge_on == true);
  CHECK(reading_with({{32, 2}}).charge_on == true);
  CHECK(reading_with({{16, 0}}).mos_temp_c == std::nullopt);
  CHECK(reading_with({{16, 450}}).mos_temp_c.value() == Approx(-5));
  CHECK_FALSE(reading_with({{22, 101}}).soh_pct);
  CHECK_FALSE(reading_with({{12, 0}}).full_ah);
  CHECK(reading_with({{112, 0}}).balancing == false);
  CHECK(reading_with({{112, 0x0006}}).balancing_cells == std::vector{2, 3});
}

TEST_CASE("jbd up: a status shorter than its own counts, or with counts of no board, is none") {
  using Rejections = std::map<FrameError, int>;
  for (const auto& wrong : {std::pair{66, 33}, {66, 0xFFFF}, {100, 9}, {8, 11001}}) {
    const Heard heard = heard_with({wrong});
    CHECK(heard.readings.empty());
    CHECK(heard.limits == Limits{});
    CHECK(heard.rejected == Rejections{{FrameError::range, 1}});
  }
  const Buffer whole = Unit{}.status();
  for (std::size_t size = 1; size < 146; ++size) {
    Heard heard;
    jbd::UpDecoder decoder;
    decoder.feed(Direction::to_bms, ask_status(), heard);
    decoder.feed(Direction::from_bms,
                 frame(1, 0x78, 0x1000, 0x10A0, Buffer(whole.begin(), whole.begin() + static_cast<long>(size))), heard);
    decoder.finish(heard);
    CHECK(heard.readings.empty());
    CHECK(heard.rejected == Rejections{{FrameError::length, 1}});
  }
  CHECK(jbd::up::decode_status(Bytes(whole).first(146)).has_value());
}

TEST_CASE("jbd up: of a board asleep nothing is a reading") {
  for (const int zero : {0, 66}) {
    Heard heard;
    jbd::UpDecoder decoder;
    decoder.feed(Direction::to_bms, ask_status(), heard);
    decoder.feed(Direction::from_bms, Unit{.other = {{zero, 0}}}.answer(ask_status()), heard);
    CHECK(decoder.answer() == jbd::UpDecoder::Answer::asleep);
    CHECK(heard.readings.empty());
  }
}

TEST_CASE("jbd up: every fault and alarm bit is its alarm") {
  const auto names = [](std::uint32_t bits, std::span<const std::optional<Alarm>> table) {
    std::string text;
    for (const Alarm alarm : jbd::alarms_of(bits, table)) text += name(alarm);
    return text;
  };
  // In the order of jbd.md 5.1.
  const std::vector<std::string> faults = {"cell_overvoltage",
                                           "cell_undervoltage",
                                           "pack_overvoltage",
                                           "pack_undervoltage",
                                           "charge_overcurrent",
                                           "charge_overcurrent",
                                           "discharge_overcurrent",
                                           "discharge_overcurrent",
                                           "charge_overtemperature",
                                           "charge_undertemperature",
                                           "discharge_overtemperature",
                                           "discharge_undertemperature",
                                           "mos_overtemperature",
                                           "other",
                                           "other",
                                           "cell_difference",
                                           "temperature_difference",
                                           "soc_low",
                                           "short_circuit",
                                           "sensor_fault",
                                           "sensor_fault",
                                           "mos_fault",
                                           "mos_fault",
                                           "other",
                                           "other",
                                           "",
                                           "internal_fault",
                                           "other"};
  const std::vector<std::string> alarms = {"cell_overvoltage",
                                           "cell_undervoltage",
                                           "pack_overvoltage",
                                           "pack_undervoltage",
                                           "charge_overcurrent",
                                           "discharge_overcurrent",
                                           "charge_overtemperature",
                                           "charge_undertemperature",
                                           "discharge_overtemperature",
                                           "discharge_undertemperature",
                                           "mos_overtemperature",
                                           "other",
                                           "other",
                                           "cell_difference",
                                           "temperature_difference",
                                           "soc_low",
                                           "internal_fault",
                                           "internal_fault",
                                           ""};
  for (std::size_t bit = 0; bit < 32; ++bit) {
    CAPTURE(bit);
    CHECK(names(1U << bit, jbd::up::fault_bits) == (bit < faults.size() ? faults[bit] : ""));
    CHECK(names(1U << bit, jbd::up::alarm_bits) == (bit < alarms.size() ? alarms[bit] : ""));
  }
  CHECK(reading_with({{24, 0x0004}, {26, 0}}).alarms == std::vector{Alarm::short_circuit});
  CHECK(reading_with({{28, 0}, {30, 0x8000}}).warnings == std::vector{Alarm::soc_low});
}

TEST_CASE("jbd up: thresholds are those that cut; a group that contradicts itself is none") {
  const Limits limits = limits_with({});
  CHECK(limits.cell_ovp_v.value() == Approx(3.65));
  CHECK(limits.cell_ovp_release_v.value() == Approx(3.5));
  CHECK(limits.cell_uvp_v.value() == Approx(2.5));
  CHECK(limits.cell_uvp_release_v.value() == Approx(3));
  CHECK(limits.pack_ovp_release_v.value() == Approx(54.5));
  CHECK(limits.pack_uvp_release_v.value() == Approx(47));
  CHECK(limits.charge_ocp_a.value() == Approx(120));
  CHECK(limits.discharge_ocp_a.value() == Approx(125));
  CHECK(limits.charge_otp_c.value() == Approx(65));
  CHECK(limits.discharge_otp_c.value() == Approx(66));
  CHECK(limits.discharge_utp_c.value() == Approx(-20));

  CHECK_FALSE(limits_with({{6, 3500}}).cell_ovp_v);  // cuts before it warns
  CHECK_FALSE(limits_with({{8, 3700}}).cell_ovp_v);  // releases above
  CHECK_FALSE(limits_with({{18, 2800}}).cell_uvp_v);
  CHECK_FALSE(limits_with({{18, 0}}).cell_uvp_v);
  CHECK_FALSE(limits_with({{54, 1000}}).charge_ocp_a);
  CHECK_FALSE(limits_with({{82, 1200}}).discharge_ocp_a);
  CHECK_FALSE(limits_with({{94, 1000}}).charge_otp_c);
  CHECK_FALSE(limits_with({{106, 600}}).charge_utp_c);

  // A block of another length has the voltages where it has them, and the rest who knows where.
  Buffer longer = Unit{}.thresholds();
  longer.resize(220);
  const Limits other = jbd::up::decode_thresholds(longer).value();
  CHECK(other.cell_ovp_v.value() == Approx(3.65));
  CHECK_FALSE(other.charge_ocp_a);
  CHECK_FALSE(other.charge_otp_c);
  CHECK(jbd::up::decode_thresholds(Bytes(longer).first(46)).error() == FrameError::length);
}

TEST_CASE("jbd up: another's write is heard and says nothing") {
  Heard heard;
  jbd::UpDecoder decoder;
  decoder.feed(Direction::to_bms, frame(1, 0x79, 0x2902, 0x2904, from_hex("114A42440003")), heard);
  decoder.feed(Direction::from_bms, frame(1, 0x79, 0x2902, 0x2904), heard);
  CHECK(heard.good == 1);
  CHECK(heard.rejected.empty());
  CHECK(heard.readings.empty());
}
