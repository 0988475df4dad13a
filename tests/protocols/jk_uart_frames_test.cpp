// Captured JK UART frames, and how they come in: cut, doubled, damaged, among junk.
#include <doctest/doctest.h>

#include <set>

#include "tests/protocols/jk_uart_wire.h"

using namespace cellwarden;
using namespace cellwarden::test;
using nlohmann::json;

namespace {

/// The collection's names in our words.
void check_number(const char* key, const json& expect, const std::optional<double>& value) {
  INFO(key);
  REQUIRE(value);
  CHECK(*value == doctest::Approx(expect.get<double>()).epsilon(1e-6));
}

/// Checks one expected value; false when we have no word for it.
bool check_value(const std::string& key, const json& expect, const Heard& heard) {
  const Reading& reading = heard.readings.at(0);
  const Limits& limits = heard.limit_sets.at(0);
  const Identity& identity = heard.identities.at(0);
  const std::map<std::string, std::optional<double>> numbers = {{"voltage_V", reading.pack_v},
                                                                {"current_A", reading.current_a},
                                                                {"soc_pct", reading.soc_pct},
                                                                {"mos_temp_C", reading.mos_temp_c},
                                                                {"pack_ovp_V", limits.pack_ovp_v},
                                                                {"pack_uvp_V", limits.pack_uvp_v},
                                                                {"cell_ovp_V", limits.cell_ovp_v},
                                                                {"cell_ovpr_V", limits.cell_ovp_release_v},
                                                                {"cell_uvp_V", limits.cell_uvp_v},
                                                                {"cell_uvpr_V", limits.cell_uvp_release_v},
                                                                {"discharge_ocp_A", limits.discharge_ocp_a},
                                                                {"charge_ocp_A", limits.charge_ocp_a},
                                                                {"balance_start_V", limits.balance_start_v},
                                                                {"balance_trigger_V", limits.balance_delta_v},
                                                                {"mos_otp_C", limits.mos_otp_c},
                                                                {"charge_otp_C", limits.charge_otp_c},
                                                                {"discharge_otp_C", limits.discharge_otp_c},
                                                                {"charge_utp_C", limits.charge_utp_c},
                                                                {"discharge_utp_C", limits.discharge_utp_c},
                                                                {"capacity_Ah", limits.capacity_ah}};
  if (const auto number = numbers.find(key); number != numbers.end()) {
    check_number(key.c_str(), expect, number->second);
  } else if (key == "box_temp_C") {
    check_number("box", expect, reading.temps_c.at(0));
  } else if (key == "battery_temp_C") {
    check_number("battery", expect, reading.temps_c.at(1));
  } else if (key == "cell_voltages_V") {
    REQUIRE(reading.cells_v.size() == expect.size());
    for (std::size_t i = 0; i < expect.size(); ++i) check_number("cell", expect[i], reading.cells_v[i]);
  } else if (key == "cell_count") {
    CHECK(reading.cells_v.size() == expect.get<std::size_t>());
  } else if (key == "string_setting") {
    CHECK(limits.cell_count == expect.get<int>());
  } else if (key == "cycles") {
    CHECK(reading.cycles == expect.get<int>());
  } else if (key == "alarm_mask") {
    REQUIRE(expect == 0);
    CHECK(reading.alarms == std::vector<Alarm>{});
    CHECK(reading.warnings == std::vector<Alarm>{});
  } else if (key == "status_mask") {
    CHECK(reading.charge_on == ((expect.get<int>() & 1) != 0));
    CHECK(reading.discharge_on == ((expect.get<int>() & 2) != 0));
    CHECK(reading.balancing == ((expect.get<int>() & 4) != 0));
  } else if (key == "actual_capacity_Ah") {
    REQUIRE(expect == 0);  // not told before 10.10
    CHECK(!reading.full_ah);
  } else if (key == "sw") {
    const auto text = expect.get<std::string>();
    CHECK(text.starts_with(*identity.hardware));
    CHECK(text.find("S" + *identity.software + "_") != std::string::npos);
  } else if (key == "mfg_date") {
    const auto text = expect.get<std::string>();
    CHECK(identity.manufactured == "20" + text.substr(0, 2) + "-" + text.substr(2));
  } else {
    return false;
  }
  return true;
}

/// What the program has no word for (the manufacturer's text is checked with the tags).
const std::set<std::string> no_word = {
    "current_raw",       "temp_sensor_count",     "cycle_capacity_Ah",  "cell_diff_V",
    "charge_utpr_C",     "discharge_ocp_delay_s", "charge_ocp_delay_s", "balance_switch",
    "charge_switch",     "discharge_switch",      "device_address",     "battery_type",
    "low_soc_alarm_pct", "runtime_min",           "manufacturer",       "protocol_version"};

}  // namespace

TEST_CASE("jk-uart: every captured frame means what it means, cut at every size") {
  int good = 0, bad = 0;
  for (const auto& entry : jk_uart_collection()) {
    INFO(entry["name"].get<std::string>());
    const Buffer bytes = from_hex(entry["bytes"].get<std::string>());
    const json& expect = entry["expect"];
    const Heard whole = hear(bytes);
    if (expect.contains("reject")) {
      ++bad;
      CHECK(whole.good == 0);
      CHECK(whole.readings.empty());
      CHECK(whole.limit_sets.empty());
      CHECK(whole.rejected.at(FrameError::checksum) == 1);
    } else {
      ++good;
      CHECK(whole.good == 1);
      REQUIRE(whole.readings.size() == 1);
      CHECK(whole.rejected.empty());
      for (const auto& expected : expect.items()) {
        const std::string& key = expected.key();
        INFO(key);
        CHECK(check_value(key, expected.value(), whole) != no_word.contains(key));
      }
    }
    for (std::size_t chunk = 1; chunk <= 64; ++chunk) {
      INFO("chunks of " << chunk);
      const Heard cut = hear(bytes, chunk);
      CHECK(cut.readings == whole.readings);
      CHECK(cut.limit_sets == whole.limit_sets);
      CHECK(cut.identities == whole.identities);
      CHECK(cut.good == whole.good);
      CHECK((cut.rejected.contains(FrameError::checksum) == expect.contains("reject")));
    }
  }
  CHECK(good == 2);
  CHECK(bad == 1);
}

TEST_CASE("jk-uart: junk before and after a frame costs nothing but itself") {
  const Buffer frame = captured_14s();
  const Reading reading = hear(frame).readings.at(0);
  for (const auto& junk : {"00", "FF00FF", "4E", "57", "4E4E", "4E574E57", "4E5700", "4E57FFFF", "4E57000000",
                           "41540D0A", "55AAEB9002", "4E574E"}) {
    INFO(junk);
    for (std::size_t chunk = 1; chunk <= 64; ++chunk) {
      const Heard before = hear(from_hex(junk) + frame, chunk);
      CHECK(before.readings == std::vector{reading});
      CHECK(!before.rejected.empty());
      const Heard after = hear(frame + from_hex(junk), chunk);
      CHECK(after.readings == std::vector{reading});
      CHECK(!after.rejected.empty());
    }
  }
}

TEST_CASE("jk-uart: refused, and why") {
  const Buffer frame = captured_14s();
  const auto damaged = [&](std::size_t at, std::uint8_t value) {
    Buffer bytes = frame;
    bytes.at(at) = value;
    return bytes;
  };
  const auto only = [](const Buffer& bytes, FrameError why) {
    const Heard heard = hear(bytes);
    CHECK(heard.good == 0);
    CHECK(heard.readings.empty());
    REQUIRE(!heard.rejected.empty());
    CHECK(heard.rejected.contains(why));
  };
  only(damaged(1, 0x56), FrameError::sync);
  only(damaged(2, 0x81), FrameError::length);  // seen on a real wire
  only(damaged(3, 0x1A), FrameError::sync);    // the end mark is not where it says
  only(damaged(frame.size() - 5, 0x69), FrameError::sync);
  only(damaged(40, static_cast<std::uint8_t>(frame[40] + 1)), FrameError::checksum);
  only(damaged(frame.size() - 1, static_cast<std::uint8_t>(frame.back() ^ 1)), FrameError::checksum);
  only(damaged(frame.size() - 2, static_cast<std::uint8_t>(frame[frame.size() - 2] ^ 1)), FrameError::checksum);
  Buffer no_end_mark = frame;  // and the sum fits
  no_end_mark[frame.size() - 5] = 0x67, ++no_end_mark[8];
  only(no_end_mark, FrameError::sync);
  only(Buffer(frame.begin(), frame.end() - 1), FrameError::length);
  only(Buffer(frame.begin(), frame.begin() + 60), FrameError::length);
}

TEST_CASE("jk-uart: a length within bounds but wrong swallows no frame behind it") {
  const Buffer frame = captured_14s();
  Buffer longer = frame;
  longer[2] = 0x02;
  const Heard heard = hear(longer + frame + frame, 20);
  CHECK(heard.readings.size() == 2);
  CHECK(heard.good == 2);
}

TEST_CASE("jk-uart: a length out of bounds is not waited for") {
  const Buffer frame = captured_14s();
  Buffer endless = frame;
  endless[2] = 0x81;
  Heard heard;
  jk::UartDecoder decoder;
  decoder.feed(Direction::from_bms, endless + frame, heard);
  CHECK(heard.readings.size() == 1);
}

TEST_CASE("jk-uart: two frames in one chunk") {
  const Buffer frame = captured_14s();
  CHECK(hear(frame + frame).readings.size() == 2);  // a capture of replies alone
  Heard heard;
  jk::UartDecoder decoder;
  decoder.feed(Direction::to_bms, read_all, heard);
  decoder.feed(Direction::from_bms, frame + frame, heard);
  CHECK(heard.readings.size() == 1);  // nobody asked for the second
  CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::unexpected, 1}});
  CHECK(decoder.answered());
}

TEST_CASE("jk-uart: our own request come back is no answer") {
  for (std::size_t chunk = 1; chunk <= 64; ++chunk) {
    const Buffer wire = read_all + captured_14s();
    Heard heard;
    jk::UartDecoder decoder;
    decoder.feed(Direction::to_bms, read_all, heard);
    for (std::size_t at = 0; at < wire.size(); at += chunk) {
      decoder.feed(Direction::from_bms, Bytes(wire).subspan(at, std::min(chunk, wire.size() - at)), heard);
      if (at + chunk <= read_all.size()) CHECK(!decoder.answered());
    }
    CHECK(heard.readings.size() == 1);
    CHECK(heard.good == 1);
    CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::unexpected, 1}});
  }
}

TEST_CASE("jk-uart: half an answer does not mix with the next one") {
  const Buffer frame = captured_14s();
  Heard heard;
  jk::UartDecoder decoder;
  decoder.feed(Direction::to_bms, read_all, heard);
  decoder.feed(Direction::from_bms, Bytes(frame).first(100), heard);
  decoder.feed(Direction::to_bms, read_all, heard);
  CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::length, 1}});
  decoder.feed(Direction::from_bms, Bytes(frame).subspan(100), heard);  // too late
  CHECK(heard.readings.empty());
  CHECK(!decoder.answered());
  decoder.feed(Direction::from_bms, frame, heard);
  CHECK(heard.readings.size() == 1);
}

TEST_CASE("jk-uart: what a board sends unasked is heard, at any time") {
  Buffer upload = captured_14s();
  upload[10] = 2;
  ++upload.back();
  Heard heard;
  jk::UartDecoder decoder;
  decoder.feed(Direction::to_bms, read_all, heard);
  decoder.feed(Direction::from_bms, captured_14s() + upload, heard);
  CHECK(heard.readings.size() == 2);
  CHECK(heard.rejected.empty());
}
