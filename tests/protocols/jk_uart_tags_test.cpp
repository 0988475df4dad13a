// JK UART tags one by one, on frames built by hand from jk.md 2.
#include <doctest/doctest.h>

#include "protocols/battery_json.h"
#include "tests/protocols/jk_uart_wire.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

/// Two cells of 3.300 and 3.301 V, 6.60 V, 50 %; the current is the caller's.
const Buffer cells = from_hex("79 06 01 0CE4 02 0CE5"), pack = from_hex("83 0294"), soc = from_hex("85 32");
const Buffer plain = cells + pack + from_hex("84 0000") + soc;
const Buffer version_1 = from_hex("C0 01");

Reading reading_of(const Buffer& tags) {
  const Heard heard = hear(jk_frame(tags));
  REQUIRE(heard.readings.size() == 1);
  return heard.readings[0];
}
Limits limits_of(const Buffer& tags) {
  const Heard heard = hear(jk_frame(tags));
  return heard.limit_sets.empty() ? Limits{} : heard.limit_sets.at(0);
}
Identity identity_of(const Buffer& tags) { return hear(jk_frame(tags)).identities.at(0); }

std::optional<double> current(const char* raw, const char* version) {
  return reading_of(cells + pack + from_hex("84") + from_hex(raw) + soc + from_hex(version)).current_a;
}

Buffer text_tag(std::uint8_t tag, const std::string& text) { return Buffer{tag} + Buffer(text.begin(), text.end()); }

}  // namespace

TEST_CASE("jk-uart: current is positive when charging, in both codings") {
  CHECK(current("87D0", "C0 01").value() == doctest::Approx(20));  // the vendor's examples
  CHECK(current("07D0", "C0 01").value() == doctest::Approx(-20));
  CHECK(current("0038", "C0 01").value() == doctest::Approx(-0.56));
  CHECK(current("80D0", "C0 01").value() == doctest::Approx(2.08));
  CHECK(current("FFFF", "C0 01").value() == doctest::Approx(327.67));
  CHECK(current("7FFF", "C0 01").value() == doctest::Approx(-327.67));
  CHECK(current("0000", "C0 01") == 0.0);
  CHECK(current("8000", "C0 01") == 0.0);
  for (const auto* old : {"C0 00", ""}) {
    CHECK(current("2710", old) == 0.0);
    CHECK(current("1F40", old).value() == doctest::Approx(20));
    CHECK(current("2EE0", old).value() == doctest::Approx(-20));
  }
}

TEST_CASE("jk-uart: a current whose coding is not known is not told") {
  CHECK(!current("87D0", "C0 02"));
  CHECK(!current("87D0", "88 0000 C0 01"));  // C0 is behind a tag nobody knows
  const Reading reading = reading_of(plain + from_hex("8D 00"));
  CHECK(!reading.power_w);
  CHECK(reading.pack_v.value() == doctest::Approx(6.6));
}

TEST_CASE("jk-uart: power and remaining charge are worked out and say so") {
  const Buffer head = cells + pack + from_hex("84 87D0") + soc;
  const Reading found = reading_of(head + from_hex("AA 00000118 B9 000000FA") + version_1);
  CHECK(found.power_w.value() == doctest::Approx(132));
  CHECK(found.full_ah == 250.0);
  CHECK(found.remaining_ah.value() == doctest::Approx(125));
  CHECK(found.derived == std::vector<std::string>{"power_w", "remaining_ah"});
  CHECK(reading_of(head + from_hex("AA 00000118 B9 00000000") + version_1).remaining_ah.value() ==
        doctest::Approx(140));
  const Reading unknown = reading_of(head + version_1);
  CHECK(!unknown.remaining_ah);
  CHECK(!unknown.full_ah);
  CHECK(unknown.derived == std::vector<std::string>{"power_w"});
}

TEST_CASE("jk-uart: temperatures by the vendor's rule") {
  const auto mos = [](const char* raw) { return reading_of(plain + from_hex("80") + from_hex(raw)).mos_temp_c; };
  CHECK(mos("0000") == 0.0);
  CHECK(mos("001D") == 29.0);
  CHECK(mos("0063") == 99.0);
  CHECK(mos("0064") == 100.0);
  CHECK(mos("0065") == -1.0);
  CHECK(mos("008C") == -40.0);
  CHECK(!mos("008D"));
  CHECK(!mos("FFFF"));
  using Temps = std::vector<std::optional<double>>;
  CHECK(reading_of(plain + from_hex("81 001E 82 0066")).temps_c == Temps{30.0, -2.0});
  CHECK(reading_of(plain + from_hex("82 001C")).temps_c == Temps{std::nullopt, 28.0});
  CHECK(reading_of(plain).temps_c.empty());
}

TEST_CASE("jk-uart: every alarm bit by its name") {
  const std::vector<std::string> names = {"",
                                          "mos_overtemperature",
                                          "pack_overvoltage",
                                          "pack_undervoltage",
                                          "charge_overtemperature",
                                          "charge_overcurrent",
                                          "discharge_overcurrent",
                                          "cell_difference",
                                          "charge_overtemperature",
                                          "charge_undertemperature",
                                          "cell_overvoltage",
                                          "cell_undervoltage",
                                          "internal_fault",
                                          "internal_fault",
                                          "",
                                          ""};
  for (std::size_t bit = 0; bit < 16; ++bit) {
    INFO(bit);
    const unsigned word = 1U << bit;
    const Reading reading =
        reading_of(plain + Buffer{0x8B, static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word & 0xFF)});
    std::vector<std::string> raised;
    for (const Alarm alarm : reading.alarms.value()) raised.emplace_back(name(alarm));
    CHECK(raised == (names[bit].empty() ? std::vector<std::string>{} : std::vector{names[bit]}));
    CHECK(reading.warnings == (bit == 0 ? std::vector{Alarm::soc_low} : std::vector<Alarm>{}));
  }
  CHECK(reading_of(plain + from_hex("8B 0110")).alarms == std::vector{Alarm::charge_overtemperature});
  CHECK(reading_of(plain + from_hex("8B 4C00 8C 0003")).alarm_raw == "4C00 0003");
  CHECK(!reading_of(plain).alarms);
}

TEST_CASE("jk-uart: the status word") {
  const auto status = [](const char* word) { return reading_of(plain + from_hex("8B 0000 8C") + from_hex(word)); };
  CHECK(status("0001").charge_on == true);
  CHECK(status("0001").discharge_on == false);
  CHECK(status("0002").charge_on == false);
  CHECK(status("0002").discharge_on == true);
  CHECK(status("0003").balancing == false);
  CHECK(status("0004").balancing == true);
  CHECK(status("0007").alarms == std::vector<Alarm>{});
  CHECK(status("000B").alarms == std::vector{Alarm::other});
  CHECK(!reading_of(plain).charge_on);
}

TEST_CASE("jk-uart: limits; 0 V, 0 A and 0 Ah are none, cold ones are signed") {
  const Limits none = limits_of(plain + from_hex("8E 0000 8F 0000 90 0000 93 0000 97 0000 99 0000 A9 00 AA 00000000"));
  CHECK(none == Limits{});
  const Limits cold = limits_of(plain + from_hex("A5 FFEC A6 FFF6 A7 FFE2 A8 FFEC A3 0000"));
  CHECK(cold.charge_utp_c == -20.0);
  CHECK(cold.discharge_utp_c == -30.0);
  CHECK(cold.charge_otp_c == 0.0);
  CHECK(!cold.mos_otp_c);
  CHECK(limits_of(plain + from_hex("AF 00")).chemistry == "lfp");
  CHECK(!limits_of(plain + from_hex("AF 01")).chemistry);
  CHECK(limits_of(plain + from_hex("AF 02")).chemistry == "lto");
}

TEST_CASE("jk-uart: who it is") {
  const Identity old = identity_of(plain + text_tag(0xB7, "11.XW_S11.261__") + text_tag(0xB5, "2204") +
                                   text_tag(0xBA, "Input UserdaJK-B2A24S15P"));
  CHECK(old.brand == "JK");
  CHECK(old.protocol == "jk-uart");
  CHECK(old.hardware == "11.XW");
  CHECK(old.software == "11.261");
  CHECK(old.model == "JK-B2A24S15P");
  CHECK(old.manufactured == "2022-04");
  CHECK(!old.serial);
  CHECK(identity_of(plain + text_tag(0xBA, "BT3072020120000200521001")).serial == "000200521001");
  const Identity own_text = identity_of(plain + text_tag(0xBA, "Irena_house Irenahouse_4") + text_tag(0xB5, "2213"));
  CHECK(!own_text.model);
  CHECK(!own_text.serial);
  CHECK(!own_text.manufactured);
  CHECK(identity_of(plain + text_tag(0xB7, "NW_1_0_0_200428")).software == "NW_1_0_0_200428");
}

TEST_CASE("jk-uart: the passcode is in no output") {
  const auto told = [](const Buffer& stream) {
    const Heard heard = hear(stream);
    std::string all;
    for (const auto& one : heard.readings) all += to_json(one).dump();
    for (const auto& one : heard.limit_sets) all += to_json(one).dump();
    for (const auto& one : heard.identities) all += to_json(one).dump();
    return all;
  };
  const std::string own = told(jk_frame(plain + text_tag(0xB2, "OpenSesame") + text_tag(0xB7, "10.XW_S10.07___")));
  CHECK(own.find("OpenSesame") == std::string::npos);
  CHECK(own.find("10.07") != std::string::npos);
  for (const auto& entry : jk_uart_collection()) {
    CHECK(told(from_hex(entry["bytes"].get<std::string>())).find("1#23456") == std::string::npos);
  }
}

TEST_CASE("jk-uart: what stands before an unknown tag counts") {
  const Heard heard = hear(jk_frame(plain + from_hex("87 0007 88 0102 8B FFFF AA 00000118")));
  CHECK(heard.good == 1);
  CHECK(heard.readings.at(0).cycles == 7);
  CHECK(!heard.readings.at(0).alarms);
  CHECK(heard.limit_sets.empty());
  CHECK(hear(jk_frame(from_hex("FF 00"))).good == 1);
}

TEST_CASE("jk-uart: a reading is whole or there is none") {
  const std::vector<Buffer> parts = {cells, pack, from_hex("84 0000"), soc};
  for (std::size_t missing = 0; missing < parts.size(); ++missing) {
    Buffer tags = from_hex("90 0E42");
    for (std::size_t part = 0; part < parts.size(); ++part) {
      if (part != missing) tags = tags + parts[part];
    }
    const Heard heard = hear(jk_frame(tags + version_1));
    INFO(missing);
    CHECK(heard.readings.empty());
    CHECK(heard.good == 1);
    CHECK(heard.limit_sets.at(0).cell_ovp_v.value() == doctest::Approx(3.65));
  }
  jk::UartDecoder decoder;
  Heard heard;
  decoder.feed(Direction::to_bms, read_all, heard);
  decoder.feed(Direction::from_bms, jk_frame(from_hex("90 0E42")), heard);
  CHECK(!decoder.answered());
}

TEST_CASE("jk-uart: intact frames that contradict themselves are refused") {
  const auto why = [](const Buffer& tags) {
    const Heard heard = hear(jk_frame(tags));
    CHECK(heard.good == 0);
    CHECK(heard.limit_sets.empty());
    REQUIRE(heard.rejected.size() == 1);
    return heard.rejected.begin()->first;
  };
  const Buffer rest = pack + from_hex("84 0000") + soc;
  CHECK(why(plain + from_hex("90 0E42 AA 0000")) == FrameError::length);
  CHECK(why(plain + from_hex("90")) == FrameError::length);
  CHECK(why(from_hex("79")) == FrameError::length);
  CHECK(why(from_hex("79 06 01 0CE4 02 0C")) == FrameError::length);
  CHECK(why(from_hex("79 05 01 0CE4 02 0C") + rest) == FrameError::length);
  CHECK(why(from_hex("79 00") + rest) == FrameError::length);
  CHECK(why(from_hex("79 06 02 0CE4 01 0CE5") + rest) == FrameError::range);
  CHECK(why(from_hex("79 06 01 0CE4 03 0CE5") + rest) == FrameError::range);
  CHECK(why(plain + from_hex("8A 0003")) == FrameError::range);
  CHECK(hear(jk_frame(plain + from_hex("8A 0002"))).good == 1);
}

TEST_CASE("jk-uart: only replies and uploads tell something") {
  CHECK(hear(jk_frame(plain, 1)).good == 1);
  CHECK(hear(jk_frame(plain, 2)).good == 1);
  for (const std::uint8_t kind : std::initializer_list<std::uint8_t>{0, 3, 255}) {
    const Heard heard = hear(jk_frame(plain, kind));
    CHECK(heard.good == 0);
    CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::unexpected, 1}});
  }
}
