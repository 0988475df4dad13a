// Captured D2 frames and what they say, and how requests and replies find each other.
#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "protocols/daly/d2_decoder.h"
#include "tests/protocols/daly_d2_board.h"
#include "tests/protocols/expected.h"

using namespace d2_test;
using nlohmann::json;
using test::check_list, test::check_number, test::check_same;

namespace {

Heard hear(const Buffer& request, const Buffer& stream, std::size_t chunk = 4096) {
  return test::hear(daly::D2Decoder(), request, cut(stream, chunk));
}

json frames() { return json::parse(std::ifstream(TEST_DATA "/protocols/frames/daly_modbus.json")); }
Buffer bytes_of(const std::string& name) {
  for (const auto& entry : frames()) {
    if (entry["name"] == name) return from_hex(entry["bytes"].get<std::string>());
  }
  throw std::logic_error("no such frame: " + name);
}

std::optional<bool> truth(const json& expect, const char* key) {
  if (!expect.contains(key)) return std::nullopt;
  return expect[key].is_boolean() ? expect[key].get<bool>() : expect[key].get<int>() != 0;
}

void check_live(const json& expect, const Reading& reading) {
  check_list(expect["cells_V"], reading.cells_v);
  check_list(expect["temps_C"], reading.temps_c);
  check_number(expect, "V", reading.pack_v);
  check_number(expect, "A", reading.current_a);
  check_number(expect, "SoC", reading.soc_pct);
  check_number(expect, "Ah_remaining", reading.remaining_ah);
  check_number(expect, "balance_current_A", reading.balance_current_a);
  check_number(expect, "mos_temp_C", reading.mos_temp_c);
  CHECK(std::abs(*reading.power_w) == doctest::Approx(expect["W"].get<double>()).epsilon(0.02));
  CHECK(reading.cycles == expect["cycles"].get<int>());
  CHECK(reading.balancing == truth(expect, "balancing"));
  CHECK(reading.charge_on == truth(expect, "charge_mos"));
  CHECK(reading.discharge_on == truth(expect, "discharge_mos"));
  CHECK((*reading.current_a < 0) == (expect["state"] == "discharging"));
}

void check_settings(const json& expect, const Limits& limits) {
  const auto second = [&](const char* key) { return doctest::Approx(expect[key][1].get<double>()); };
  CHECK(limits.capacity_ah.value() == doctest::Approx(expect["Ah_rated"].get<double>()));
  CHECK(limits.cell_ovp_v.value() == second("cell_high_V"));
  CHECK(limits.cell_uvp_v.value() == second("cell_low_V"));
  CHECK(limits.pack_ovp_v.value() == second("pack_high_V"));
  CHECK(limits.pack_uvp_v.value() == second("pack_low_V"));
  CHECK(limits.charge_ocp_a.value() == doctest::Approx(10));
  CHECK(limits.discharge_ocp_a.value() == doctest::Approx(16));  // its first level has the other sign
  CHECK(limits.charge_otp_c.value() == second("charge_temp_high_C"));
  CHECK(limits.charge_utp_c.value() == second("charge_temp_low_C"));
  CHECK(limits.discharge_otp_c.value() == second("discharge_temp_high_C"));
  CHECK(limits.discharge_utp_c.value() == second("discharge_temp_low_C"));
  CHECK(limits.balance_start_v.value() == doctest::Approx(expect["balance_start_V"].get<double>()));
  CHECK(limits.balance_delta_v.value() == doctest::Approx(expect["balance_diff_mV"].get<double>() * 0.001));
  CHECK(limits.mos_otp_c.value() == doctest::Approx(expect["mos_temp_protect_C"].get<double>()));
  CHECK(limits.chemistry == "lfp");
}

}  // namespace

TEST_CASE("daly d2: every frame of the collection, in chunks of every size") {
  int live = 0, settings = 0, versions = 0, others = 0;
  for (const auto& entry : frames()) {
    INFO(entry["name"].get<std::string>());
    const Buffer request = from_hex(entry["request"].get<std::string>()),
                 bytes = from_hex(entry["bytes"].get<std::string>());
    const json& expect = entry["expect"];
    const Heard whole = hear(request, bytes);
    for (std::size_t chunk = 1; chunk <= bytes.size(); ++chunk) check_same(hear(request, bytes, chunk), whole);
    if (expect.contains("reject")) {
      CHECK(whole.good == 0);
      CHECK(whole.readings.empty());
      CHECK(whole.first_reason == FrameError::checksum);
      continue;
    }
    CHECK(whole.good == 1);
    CHECK(whole.rejected.empty());
    CHECK(whole.readings.size() == (expect.contains("cells_V") ? 1 : 0));
    if (expect.contains("cells_V")) {
      ++live;
      check_live(expect, whole.readings.at(0));
    } else if (expect.contains("cell_high_V")) {
      ++settings;
      check_settings(expect, whole.limits);
    } else if (expect.contains("sw_version")) {
      ++versions;
      CHECK(whole.identity.software == expect["sw_version"].get<std::string>());
      CHECK(whole.identity.hardware.value_or("") == expect["hw_version"].get<std::string>());
      CHECK(whole.identity.brand == "Daly");
      CHECK(whole.identity.protocol == "daly-modbus");
    } else {
      ++others;
      CHECK(whole.limits == Limits{});
      CHECK(whole.identity == Identity{});
    }
  }
  CHECK(live == 10);
  CHECK(settings == 1);
  CHECK(versions == 2);
  CHECK(others == 4);
}

TEST_CASE("daly d2: captured fault bits are named") {
  const auto faults = [](const char* name) {
    const Reading reading = hear(ask_live, bytes_of(name)).readings.at(0);
    return std::tuple(*reading.alarms, *reading.warnings, *reading.alarm_raw);
  };
  using Alarms = std::vector<Alarm>;
  CHECK(faults("daly-d2-8s-idle-noalarm") == std::tuple(Alarms{}, Alarms{}, "0000 0000 0000 0000"));
  CHECK(faults("daly-d2-8s-alarm-cell-voltage-high") ==
        std::tuple(Alarms{}, Alarms{Alarm::cell_overvoltage}, "0001 0000 0000 0000"));
  CHECK(faults("daly-d2-8s-alarm-temp-diff-both") == std::tuple(Alarms{Alarm::temperature_difference},
                                                                Alarms{Alarm::temperature_difference},
                                                                "0000 0C00 0000 0000"));
  CHECK(faults("daly-d2-8s-alarm-afe-failure") ==
        std::tuple(Alarms{Alarm::internal_fault}, Alarms{}, "0000 0000 0100 0000"));
  CHECK(faults("daly-d2-8s-alarm-charging-mos-overtemp") ==
        std::tuple(Alarms{Alarm::mos_overtemperature}, Alarms{}, "0000 0000 0001 0000"));
}

TEST_CASE("daly d2: the password is dropped wherever it is heard") {
  const Heard heard = hear(from_hex("d20300c90003c656"), bytes_of("daly-d2-password"));
  CHECK(heard.identity == Identity{});
  std::vector<int> wide(0x40, 0x3132);
  const Heard all = hear(ask(0xA9, 0x40), reply(wide));
  std::string told = *all.identity.software + *all.identity.hardware + *all.identity.model;
  CHECK(told.size() == 2 * (8 + 8 + 16));  // 0xA9..0xC8, the password lies behind
}

TEST_CASE("daly d2: live and the board's own registers are one reading") {
  const Board board;
  Heard heard;
  daly::D2Decoder decoder;
  decoder.feed(Direction::to_bms, ask_live, heard);
  decoder.feed(Direction::from_bms, board.answer(ask_live), heard);
  CHECK(heard.readings.empty());
  decoder.feed(Direction::to_bms, ask_board, heard);
  decoder.feed(Direction::from_bms, board.answer(ask_board), heard);
  CHECK(heard.readings == std::vector{board.truth()});
  CHECK(heard.limits.cell_count == 8);
  // Eighty registers hold both.
  CHECK(hear(ask(0, 80), board.answer(0, 80)).readings == std::vector{board.truth()});
}

TEST_CASE("daly d2: whoever never asks for the board's own registers is told each reading at once") {
  Heard heard;
  daly::D2Decoder decoder;
  for (int n = 0; n < 4; ++n) {
    decoder.feed(Direction::to_bms, ask_live, heard);
    decoder.feed(Direction::from_bms, Board{.n = n}.answer(ask_live), heard);
    CHECK(heard.readings.size() == (n == 0 ? 0U : static_cast<std::size_t>(n) + 1));
  }
  for (int n = 0; n < 4; ++n) CHECK(heard.readings[static_cast<std::size_t>(n)] == Board{.n = n}.live());
}

TEST_CASE("daly d2: two polls are never mixed") {
  const Board first, second{.n = 1};
  Heard heard;
  daly::D2Decoder decoder;
  decoder.feed(Direction::to_bms, ask_live, heard);
  decoder.feed(Direction::from_bms, first.answer(ask_live), heard);
  decoder.feed(Direction::to_bms, ask_board, heard);  // its answer is lost
  decoder.feed(Direction::to_bms, ask_live, heard);   // and so is this one's
  decoder.feed(Direction::to_bms, ask_board, heard);
  decoder.feed(Direction::from_bms, second.answer(ask_board), heard);
  decoder.finish(heard);
  CHECK(heard.readings == std::vector{first.live()});
}

TEST_CASE("daly d2: two and three replies in one notification, and a greeting before them") {
  const Board board;
  const Buffer greeting = from_hex("63686172315f6e74665f64617461");
  const Buffer merged = greeting + board.answer(ask_live) + board.answer(ask_board) + board.answer(ask_settings);
  for (std::size_t chunk = 1; chunk <= merged.size(); ++chunk) {
    CAPTURE(chunk);
    Heard heard;
    daly::D2Decoder decoder;
    for (const Buffer& request : {ask_live, ask_board, ask_settings}) decoder.feed(Direction::to_bms, request, heard);
    for (std::size_t at = 0; at < merged.size(); at += chunk) {
      decoder.feed(Direction::from_bms, Bytes(merged).subspan(at, std::min(chunk, merged.size() - at)), heard);
    }
    CHECK(heard.readings == std::vector{board.truth()});
    CHECK(heard.limits.cell_ovp_v.value() == doctest::Approx(3.65));
    CHECK(heard.rejected.empty());
  }
}

TEST_CASE("daly d2: a reply nobody asked for says nothing") {
  const Board board;
  using Rejections = std::map<FrameError, int>;
  const Heard doubled = hear(ask_live, board.answer(ask_live) + board.answer(ask_live));
  CHECK(doubled.readings == std::vector{board.live()});
  CHECK(doubled.rejected == Rejections{{FrameError::unexpected, 1}});
  const Heard stale = hear(ask_live, board.answer(ask_settings) + board.answer(ask_live));
  CHECK(stale.readings == std::vector{board.live()});
  CHECK(stale.limits.cell_ovp_v == std::nullopt);
  CHECK(stale.rejected == Rejections{{FrameError::unexpected, 1}});
  const Heard echoed = hear(ask_live, ask_live + board.answer(ask_live));
  CHECK(echoed.readings == std::vector{board.live()});
  CHECK(echoed.rejected == Rejections{{FrameError::unexpected, 1}});
  CHECK(hear(ask_live, modbus_test::reply(0x51, std::vector<int>(62, 1))).good == 0);
}

TEST_CASE("daly d2: of two requests for as many registers with one answer it is not guessed which") {
  Heard heard;
  daly::D2Decoder decoder;
  decoder.feed(Direction::to_bms, ask(0x80, 41), heard);
  decoder.feed(Direction::to_bms, ask(0x100, 41), heard);
  decoder.feed(Direction::from_bms, Board{}.answer(ask_settings), heard);
  CHECK(heard.limits == Limits{});
  CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::unexpected, 1}});
}

TEST_CASE("daly d2: lost notifications give no value, whichever it was") {
  const Board before, now{.n = 1};
  for (const std::size_t mtu : {20U, 64U, 120U}) {
    for (std::size_t lost = 0; lost * mtu < now.answer(ask_live).size(); ++lost) {
      CAPTURE(mtu);
      CAPTURE(lost);
      Heard heard;
      daly::D2Decoder decoder;
      for (int poll = 0; poll < 3; ++poll) {
        const Buffer answer = (poll == 0 ? before : now).answer(ask_live);
        decoder.feed(Direction::to_bms, ask_live, heard);
        for (std::size_t part = 0; part * mtu < answer.size(); ++part) {
          if (poll == 1 && part == lost) continue;
          decoder.feed(Direction::from_bms,
                       Bytes(answer).subspan(part * mtu, std::min(mtu, answer.size() - part * mtu)), heard);
        }
      }
      decoder.finish(heard);
      CHECK(heard.readings == std::vector{before.live(), now.live()});
      CHECK(!heard.rejected.empty());
    }
  }
}

TEST_CASE("daly d2: replies whose requests nobody heard are known by their length, and by what they say") {
  const Board board;
  const Heard all = hear(
      {}, board.answer(ask_live) + board.answer(ask_board) + board.answer(ask_settings) + board.answer(ask_identity));
  CHECK(all.readings == std::vector{board.truth()});
  CHECK(all.limits.cell_ovp_v.value() == doctest::Approx(3.65));
  CHECK(all.identity.hardware == "H2");
  CHECK(hear({}, board.answer(0, 80)).readings == std::vector{board.truth()});
  // 62 registers of something else.
  const Heard other = hear({}, Board{.other = {{0x2B, 3000}}}.answer(ask_live));
  CHECK(other.readings.empty());
  CHECK(other.rejected == std::map<FrameError, int>{{FrameError::unexpected, 1}});
  CHECK(hear({}, reply({1, 2, 3})).good == 0);
}
