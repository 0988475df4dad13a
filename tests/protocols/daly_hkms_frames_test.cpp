// Captured frames of Daly's H, K, M and S boards and what they say, and how requests and replies find each other.
#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "protocols/daly/hkms_decoder.h"
#include "tests/protocols/daly_hkms_board.h"
#include "tests/protocols/expected.h"

using namespace hkms_test;
using nlohmann::json;
using test::check_list, test::check_number;

namespace {

using Rejections = std::map<FrameError, int>;

void feed(daly::HkmsDecoder& decoder, const Buffer& stream, std::size_t chunk, Heard& heard) {
  for (std::size_t at = 0; at < stream.size(); at += chunk) {
    decoder.feed(Direction::from_bms, Bytes(stream).subspan(at, std::min(chunk, stream.size() - at)), heard);
  }
}

Heard hear(const Buffer& request, const Buffer& stream, std::size_t chunk = 4096) {
  Heard heard;
  daly::HkmsDecoder decoder;
  if (!request.empty()) decoder.feed(Direction::to_bms, request, heard);
  feed(decoder, stream, chunk, heard);
  decoder.finish(heard);
  return heard;
}

json frames() { return json::parse(std::ifstream(TEST_DATA "/protocols/frames/daly_hkms.json")); }
json frame(const std::string& name) {
  for (const auto& entry : frames()) {
    if (entry["name"] == "daly-p81-16s-" + name) return entry;
  }
  throw std::logic_error("no such frame: " + name);
}
Buffer bytes_of(const json& entry, const char* key = "bytes") { return from_hex(entry[key].get<std::string>()); }

}  // namespace

TEST_CASE("daly hkms: every frame of the collection is a good one, in chunks of every size") {
  int seen = 0;
  for (const auto& entry : frames()) {
    INFO(entry["name"].get<std::string>());
    ++seen;
    const Buffer request = bytes_of(entry, "request"), bytes = bytes_of(entry);
    const Heard whole = hear(request, bytes);
    CHECK(whole.good == 1);
    CHECK(whole.rejected.empty());
    CHECK(whole.addresses == std::set{1});
    for (std::size_t chunk = 1; chunk <= bytes.size(); ++chunk) check_same(hear(request, bytes, chunk), whole);
  }
  CHECK(seen == 10);
}

TEST_CASE("daly hkms: the captured halves are one reading") {
  const json measured = frame("reg000"), state = frame("reg041");
  for (const std::size_t chunk : {4096U, 20U, 1U}) {
    Heard heard;
    daly::HkmsDecoder decoder;
    decoder.feed(Direction::to_bms, bytes_of(measured, "request"), heard);
    feed(decoder, bytes_of(measured), chunk, heard);
    CHECK(heard.readings.empty());
    decoder.feed(Direction::to_bms, bytes_of(state, "request"), heard);
    feed(decoder, bytes_of(state), chunk, heard);
    REQUIRE(heard.readings.size() == 1);
    const Reading& reading = heard.readings[0];
    check_list(measured["expect"]["cells_V"], reading.cells_v);
    check_list(measured["expect"]["temps_C"], reading.temps_c);
    check_number(measured["expect"], "V", reading.pack_v);
    check_number(measured["expect"], "A", reading.current_a);
    check_number(measured["expect"], "SoC", reading.soc_pct);
    const json& expect = state["expect"];
    check_number(expect, "Ah_remaining", reading.remaining_ah);
    check_number(expect, "mos_temp_C", reading.mos_temp_c);
    CHECK(std::abs(*reading.power_w) == doctest::Approx(expect["W"].get<double>()).epsilon(0.01));
    CHECK(*reading.current_a < 0);  // its state says that it discharges
    CHECK(reading.cycles == expect["cycles"].get<int>());
    CHECK(reading.charge_on == expect["charge_mos"].get<bool>());
    CHECK(reading.discharge_on == expect["discharge_mos"].get<bool>());
    CHECK_FALSE(reading.soh_pct);    // what one project calls so counts seconds
    CHECK_FALSE(reading.balancing);  // 7, with no bit set
    CHECK_FALSE(reading.balance_current_a);
    CHECK(reading.alarms == std::vector<Alarm>{});
    CHECK(reading.warnings == std::vector<Alarm>{});
    CHECK(reading.alarm_raw == "0000 0000 0000 0080 0000 0000 0000");
    CHECK(heard.limits.cell_count == 16);
  }
}

TEST_CASE("daly hkms: the captured settings and identity") {
  const json settings = frame("reg100");
  const json& expect = settings["expect"];
  const Limits limits = hear(bytes_of(settings, "request"), bytes_of(settings)).limits;
  const auto of = [&](const char* key, std::size_t n) { return doctest::Approx(expect[key][n].get<double>()); };
  CHECK(limits.capacity_ah.value() == doctest::Approx(expect["Ah_rated"].get<double>()));
  CHECK(limits.cell_ovp_v.value() == of("cell_high_V_L1_L2_rel", 1));
  CHECK(limits.cell_ovp_release_v.value() == of("cell_high_V_L1_L2_rel", 2));
  CHECK(limits.cell_uvp_v.value() == of("cell_low_V_L1_L2_rel", 1));
  CHECK(limits.cell_uvp_release_v.value() == of("cell_low_V_L1_L2_rel", 2));
  CHECK(limits.pack_ovp_v.value() == of("pack_high_V_L1_L2_rel", 1));
  CHECK(limits.pack_ovp_release_v.value() == of("pack_high_V_L1_L2_rel", 2));
  CHECK(limits.pack_uvp_v.value() == of("pack_low_V_L1_L2_rel", 1));
  CHECK(limits.pack_uvp_release_v.value() == of("pack_low_V_L1_L2_rel", 2));
  CHECK(limits.charge_ocp_a.value() == doctest::Approx(200));
  CHECK(limits.discharge_ocp_a.value() == of("discharge_oc_A_raw_L1_L2", 1));
  CHECK(limits.charge_otp_c.value() == of("charge_temp_high_C_L1_L2_rel", 1));
  CHECK(limits.charge_utp_c.value() == of("charge_temp_low_C_L1_L2_rel", 1));
  CHECK(limits.balance_start_v.value() == doctest::Approx(expect["balance_start_V"].get<double>()));
  CHECK(limits.balance_delta_v.value() == doctest::Approx(expect["balance_diff_mV"].get<double>() * 0.001));

  const json names = frame("reg178");
  const Identity identity = hear(bytes_of(names, "request"), bytes_of(names)).identity;
  CHECK(identity.software == names["expect"]["sw_hw_field"].get<std::string>());
  CHECK(identity.hardware == names["expect"]["hw_field"].get<std::string>());
  CHECK(identity.model == "210LC210900005");
  CHECK(identity.brand == "Daly");
  CHECK(identity.protocol == "daly-hkms");
}

TEST_CASE("daly hkms: the password is dropped wherever it is heard") {
  const json settings = frame("reg100");  // holds 123456
  const Heard heard = hear(bytes_of(settings, "request"), bytes_of(settings));
  CHECK(heard.identity == Identity{});
  CHECK(hear(ask(0x126, 3), reply({0x3132, 0x3334, 0x3536})).identity == Identity{});
}

TEST_CASE("daly hkms: two polls are never mixed") {
  const Board first, second{.n = 1};
  Heard heard;
  daly::HkmsDecoder decoder;
  decoder.feed(Direction::to_bms, ask_measured, heard);
  decoder.feed(Direction::from_bms, first.answer(ask_measured), heard);
  decoder.feed(Direction::to_bms, ask_state, heard);     // its answer is lost
  decoder.feed(Direction::to_bms, ask_measured, heard);  // and so is this one's
  decoder.feed(Direction::to_bms, ask_state, heard);
  decoder.feed(Direction::from_bms, second.answer(ask_state), heard);
  decoder.finish(heard);
  CHECK(heard.readings.empty());
}

TEST_CASE("daly hkms: boards on one line take turns in the middle of their polls, and each says its own") {
  const Board one{.n = 1}, sixteen{.n = 2, .number = 16};
  Heard heard;
  daly::HkmsDecoder decoder;
  for (const auto& [start, count] : {std::pair{0x00, 64}, {0x41, 62}}) {
    for (const Board& board : {one, sixteen}) {
      decoder.feed(Direction::to_bms, ask(start, count, board.number), heard);
      decoder.feed(Direction::from_bms, board.answer(start, count), heard);
    }
  }
  CHECK(heard.readings == std::vector{one.truth(), sixteen.truth()});
  CHECK(heard.addresses == std::set{1, 16});
  CHECK(heard.rejected.empty());
  CHECK(hear(modbus_test::read(0x91, 0, 64), modbus_test::reply(0x61, std::vector<int>(64, 1))).good == 0);
}

TEST_CASE("daly hkms: a reply nobody asked for says nothing") {
  const Board board;
  const Heard stale = hear(ask_state, board.answer(ask_limits) + board.answer(ask_state));
  CHECK(stale.good == 1);
  CHECK(stale.limits == Limits{});
  CHECK(stale.rejected == Rejections{{FrameError::unexpected, 1}});
  const Heard echoed = hear(ask_measured, ask_measured + board.answer(ask_measured));
  CHECK(echoed.readings == std::vector{board.measured()});
  CHECK(echoed.rejected == Rejections{{FrameError::unexpected, 1}});
  const Heard others = hear(ask_measured, Board{.number = 2}.answer(ask_measured));
  CHECK(others.good == 0);
  CHECK(others.rejected == Rejections{{FrameError::unexpected, 1}});
  const Heard refused = hear(ask_measured, modbus_test::refusal(0x51));
  CHECK(refused.good == 0);
  CHECK(refused.rejected == Rejections{{FrameError::refused, 1}});
  // Under the number by which it is asked nothing answers.
  CHECK(hear(ask_measured, modbus_test::reply(0x81, std::vector<int>(64, 1))).good == 0);
}

TEST_CASE("daly hkms: merged notifications, and a greeting before them") {
  const Board board;
  const Buffer greeting = from_hex("63686172315f6e74665f64617461");
  const Buffer merged = greeting + board.answer(ask_measured) + board.answer(ask_state) + board.answer(ask_limits);
  for (std::size_t chunk = 1; chunk <= merged.size(); ++chunk) {
    CAPTURE(chunk);
    Heard heard;
    daly::HkmsDecoder decoder;
    for (const Buffer& request : {ask_measured, ask_state, ask_limits}) decoder.feed(Direction::to_bms, request, heard);
    feed(decoder, merged, chunk, heard);
    CHECK(heard.readings == std::vector{board.truth()});
    CHECK(heard.limits.cell_ovp_v.value() == doctest::Approx(3.65));
    CHECK(heard.rejected.empty());
  }
}

TEST_CASE("daly hkms: replies whose requests nobody heard are known by their length, and by what they say") {
  const Board board;
  const Heard all = hear({}, board.answer(ask_measured) + board.answer(ask_state) + board.answer(ask_settings) +
                                 board.answer(ask_limits) + board.answer(ask_identity));
  CHECK(all.readings == std::vector{board.truth()});
  CHECK(all.limits.capacity_ah.value() == doctest::Approx(314));
  CHECK(all.limits.cell_ovp_v.value() == doctest::Approx(3.65));
  CHECK(all.identity.hardware == "H2");
  // 64 registers of something else.
  const Heard other = hear({}, Board{.other = {{0x3E, 3000}}}.answer(ask_measured));
  CHECK(other.readings.empty());
  CHECK(other.rejected == Rejections{{FrameError::unexpected, 1}});
  CHECK(hear({}, reply({1, 2, 3})).good == 0);
}
