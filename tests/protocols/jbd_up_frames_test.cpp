// Captured frames of JBD's UP series and what they say, and how requests and replies find each other.
#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "protocols/jbd/up_decoder.h"
#include "tests/protocols/expected.h"
#include "tests/protocols/up_board.h"

using namespace up_test;
using nlohmann::json;
using test::check_list, test::check_number;

namespace {

using Rejections = std::map<FrameError, int>;
using Talk = jbd::UpDecoder;

void feed(Talk& decoder, const Buffer& stream, std::size_t chunk, Heard& heard) {
  for (std::size_t at = 0; at < stream.size(); at += chunk) {
    decoder.feed(Direction::from_bms, Bytes(stream).subspan(at, std::min(chunk, stream.size() - at)), heard);
  }
}
Heard hear(const Buffer& request, const Buffer& stream, std::size_t chunk = 4096) {
  Heard heard;
  Talk decoder;
  if (!request.empty()) decoder.feed(Direction::to_bms, request, heard);
  feed(decoder, stream, chunk, heard);
  decoder.finish(heard);
  return heard;
}

json frames() { return json::parse(std::ifstream(TEST_DATA "/protocols/frames/jbd_up.json")); }
json named(const std::string& name) {
  for (const auto& entry : frames()) {
    if (entry["name"] == "jbd-up16s" + name) return entry;
  }
  throw std::logic_error("no such frame: " + name);
}
Heard hear_named(const std::string& name) {
  const json entry = named(name);
  return hear(from_hex(entry["request"].get<std::string>()), from_hex(entry["bytes"].get<std::string>()));
}

}  // namespace

TEST_CASE("jbd up: every frame of the collection is a good one, in chunks of every size, with its request or without") {
  int seen = 0;
  for (const auto& entry : frames()) {
    INFO(entry["name"].get<std::string>());
    ++seen;
    const Buffer request = from_hex(entry["request"].get<std::string>()),
                 bytes = from_hex(entry["bytes"].get<std::string>());
    CHECK(request == frame(request[0], request[1], u16_be(request, 2), u16_be(request, 4)));
    const Heard whole = hear(request, bytes);
    CHECK(whole.good == 1);
    CHECK(whole.rejected.empty());
    CHECK(whole.addresses == std::set{entry["expect"]["addr"].get<int>()});
    for (std::size_t chunk = 1; chunk <= bytes.size(); ++chunk) check_same(hear(request, bytes, chunk), whole);
    check_same(hear({}, bytes), whole);
  }
  CHECK(seen == 10);
}

TEST_CASE("jbd up: the captured status") {
  const json expect = named("020-a1-78-1000")["expect"];
  const Heard heard = hear_named("020-a1-78-1000");
  REQUIRE(heard.readings.size() == 1);
  const Reading& reading = heard.readings[0];
  check_list(expect["cells_V"], reading.cells_v);
  check_list(expect["temps_C"], reading.temps_c);
  check_number(expect, "V", reading.pack_v);
  check_number(expect, "A", reading.current_a);
  check_number(expect, "SoC", reading.soc_pct);
  check_number(expect, "Ah_remaining", reading.remaining_ah);
  check_number(expect, "Ah_full", reading.full_ah);
  check_number(expect, "mos_temp_C", reading.mos_temp_c);
  check_number(expect, "SoH", reading.soh_pct);
  CHECK(reading.cycles == expect["cycles"].get<int>());
  CHECK(reading.charge_on == expect["charge_mos"].get<bool>());
  CHECK(reading.discharge_on == expect["discharge_mos"].get<bool>());
  CHECK(reading.alarms == std::vector<Alarm>{});
  CHECK(reading.warnings == std::vector<Alarm>{});
  CHECK(reading.alarm_raw == "00000000 00000000");
  CHECK(reading.balancing == false);
  CHECK(heard.limits.cell_count == 16);
  check_number(expect, "Ah_rated", heard.limits.capacity_ah);
  check_number(expect, "charge_voltage_limit_V", heard.limits.requested_charge_v);
  CHECK(heard.identity.serial == expect["serial"].get<std::string>());
  CHECK(heard.identity.software == "12.4");
  CHECK(heard.identity.brand == "JBD");
  CHECK(heard.identity.protocol == "jbd-up");
}

TEST_CASE("jbd up: the captured identity, product and thresholds") {
  const json expect = named("020-a1-78-1c00")["expect"];
  const Heard identity = hear_named("020-a1-78-1c00");
  CHECK(identity.identity.serial == expect["bms_serial"].get<std::string>());
  CHECK(identity.identity.manufactured == expect["bms_date"].get<std::string>());
  CHECK(identity.identity.model == "ECO-LFP48100-3U-024EDD");
  CHECK(identity.limits.balance_start_v.value() == doctest::Approx(3.4));
  CHECK(identity.limits.balance_delta_v.value() == doctest::Approx(0.03));

  const json product = named("015-a2-78-2810")["expect"];
  const Heard named_product = hear_named("015-a2-78-2810");
  CHECK(named_product.identity.model == product["model"].get<std::string>());
  CHECK(named_product.identity.software == product["fw"].get<std::string>());
  CHECK(named_product.identity.hardware == "3");

  // Read by hand from the captured words.
  const Limits limits = hear_named("020-a1-78-1800").limits;
  CHECK(limits.cell_ovp_v.value() == doctest::Approx(3.65));
  CHECK(limits.cell_ovp_release_v.value() == doctest::Approx(3.4));
  CHECK(limits.cell_uvp_v.value() == doctest::Approx(2.5));
  CHECK(limits.cell_uvp_release_v.value() == doctest::Approx(3.0));
  CHECK(limits.pack_ovp_v.value() == doctest::Approx(58.4));
  CHECK(limits.pack_ovp_release_v.value() == doctest::Approx(54.4));
  CHECK(limits.pack_uvp_v.value() == doctest::Approx(40));
  CHECK(limits.pack_uvp_release_v.value() == doctest::Approx(48));
  CHECK(limits.charge_ocp_a.value() == doctest::Approx(120));
  CHECK(limits.discharge_ocp_a.value() == doctest::Approx(120));
  CHECK(limits.charge_otp_c.value() == doctest::Approx(65));
  CHECK(limits.charge_utp_c.value() == doctest::Approx(0));
  CHECK(limits.discharge_otp_c.value() == doctest::Approx(65));
  CHECK(limits.discharge_utp_c.value() == doctest::Approx(-20));
  CHECK(limits.mos_otp_c.value() == doctest::Approx(105));
}

TEST_CASE("jbd up: the captured status of unit 1 is its own, by what it says of itself") {
  const json status = named("020-a1-78-1000"), own = named("020-a1-45-0000");
  Heard heard;
  Talk decoder;
  for (const json& entry : {status, own}) {
    decoder.feed(Direction::to_bms, from_hex(entry["request"].get<std::string>()), heard);
    CHECK(heard.readings.empty());
    decoder.feed(Direction::from_bms, from_hex(entry["bytes"].get<std::string>()), heard);
  }
  CHECK_FALSE(decoder.is_sum());
  REQUIRE(heard.readings.size() == 1);
  CHECK(heard.readings[0] == hear_named("020-a1-78-1000").readings.at(0));
  for (const auto* name : {"020-a1-45-0000", "015-a1-45"}) {
    const json expect = named(name)["expect"];
    const Buffer bytes = from_hex(named(name)["bytes"].get<std::string>());
    const Reading reading = jbd::up::decode_own_status(jbd::up::open_frame(bytes).data).value();
    check_list(expect["cells_V"], reading.cells_v);
    check_number(expect, "V", reading.pack_v);
    CHECK(reading.charge_on == true);
    CHECK(reading.temps_c.size() == 4);
    CHECK_FALSE(reading.current_a);
  }
}

TEST_CASE("jbd up: where unit 1 tells all packs' sum, its own status is what counts") {
  const Unit master{.packs = 3};
  Heard heard;
  Talk decoder;
  for (int poll = 0; poll < 2; ++poll) {
    for (const Buffer& request : {ask_status(), ask_own()}) {
      decoder.feed(Direction::to_bms, request, heard);
      decoder.feed(Direction::from_bms, master.answer(request), heard);
    }
  }
  CHECK(decoder.is_sum());
  Reading own = Unit{}.truth();
  own.current_a.reset(), own.power_w.reset(), own.derived.clear();  // nobody knows
  own.soc_pct = 60;
  REQUIRE(heard.readings.size() == 2);
  for (const Reading& reading : heard.readings) {
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK(reading.temps_c[i].value_or(-99) == doctest::Approx(own.temps_c[i].value_or(-99)));
    }
    Reading same = reading;
    same.temps_c = own.temps_c;
    CHECK(same == own);
  }
  CHECK(heard.limits.capacity_ah.value() == doctest::Approx(100));
  // A poll without it is none.
  decoder.feed(Direction::to_bms, ask_status(), heard);
  decoder.feed(Direction::from_bms, master.answer(ask_status()), heard);
  decoder.finish(heard);
  CHECK(heard.readings.size() == 2);
}

TEST_CASE("jbd up: units on one line each say their own; a slave is told at once") {
  Heard heard;
  Talk decoder;
  std::vector<Reading> truths;
  for (const int number : {2, 16}) {
    const Unit unit{.n = number, .number = number};
    decoder.feed(Direction::to_bms, ask_status(number), heard);
    decoder.feed(Direction::from_bms, unit.answer(ask_status(number)), heard);
    truths.push_back(unit.truth());
    CHECK(heard.readings == truths);
  }
  CHECK(heard.addresses == std::set{2, 16});
  CHECK(hear(frame(17, 0x78, 0x1000, 0x10A0), frame(17, 0x78, 0x1000, 0x10A0, Unit{}.status())).good == 0);
}

TEST_CASE("jbd up: a reply nobody asked for says nothing") {
  const Unit unit{.number = 2};
  const auto only_unexpected = [](const Heard& heard) {
    return heard.good == 0 && heard.readings.empty() && heard.rejected == Rejections{{FrameError::unexpected, 1}};
  };
  CHECK(only_unexpected(hear(ask_status(2), unit.answer(ask_thresholds(2)))));           // late
  CHECK(only_unexpected(hear(ask_status(2), Unit{.number = 3}.answer(ask_status(3)))));  // another's
  CHECK(only_unexpected(hear(ask_status(2), ask_status(2))));                            // an echo
  CHECK(only_unexpected(hear({}, ask_status(2))));
  CHECK(only_unexpected(hear(ask_own(2), frame(2, 0x78, 0x0000, 0x0054, Buffer(80)))));  // another function
  const Heard doubled = hear(ask_status(2), unit.answer(ask_status(2)) + unit.answer(ask_status(2)));
  CHECK(doubled.readings == std::vector{unit.truth()});
  CHECK(doubled.rejected == Rejections{{FrameError::unexpected, 1}});
  const Heard echoed = hear(ask_status(2), ask_status(2) + unit.answer(ask_status(2)));
  CHECK(echoed.readings == std::vector{unit.truth()});
}

TEST_CASE("jbd up: the identity of the BMS outranks what its status says beside; without it that is told") {
  Heard heard;
  Talk decoder;
  const Unit unit{.number = 2};
  for (const Buffer& request : {ask_identity(2), ask_product(2), ask_status(2)}) {
    decoder.feed(Direction::to_bms, request, heard);
    decoder.feed(Direction::from_bms, unit.answer(request), heard);
  }
  decoder.introduce(heard);
  CHECK(heard.identity.serial == "UP16S0190001");
  CHECK(heard.identity.model == "UP16S019.16S200A");
  CHECK(heard.identity.software == "12.4.8");
  const Heard slave = hear(ask_status(2), unit.answer(ask_status(2)));
  CHECK(slave.identity.serial == "PACK7");
  CHECK(slave.identity.software == "12.4");
  CHECK(hear(ask_status(2), Unit{.number = 2, .other = {{114, 12}}}.answer(ask_status(2))).good == 1);
}

TEST_CASE("jbd up: why bytes are no frame") {
  const Buffer good = Unit{}.answer(ask_status());
  const auto why = [](const Buffer& stream) {
    const Heard heard = hear(ask_status(), stream, 3);
    CHECK(heard.good == 0);
    CHECK(heard.readings.empty());
    return heard.first_reason.value();
  };
  Buffer damaged = good;
  damaged[40] ^= 1;
  CHECK(why(damaged) == FrameError::checksum);
  CHECK(why(Buffer(good.begin(), good.end() - 1)) == FrameError::length);
  CHECK(why(from_hex("01 41 1000 10A0 0000 FFFF")) == FrameError::sync);         // another function
  CHECK(why(frame(1, 0x78, 0x1000, 0x1002, Buffer(20))) == FrameError::length);  // more than lies between
  CHECK(why(frame(1, 0x78, 0x10A0, 0x1000, Buffer(2))) == FrameError::length);
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    Buffer stream = good;
    stream[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    CHECK(hear(ask_status(), stream).readings.empty());
  }
}
