// What is absent, derived, warned of and refused in JK's frames over Bluetooth.
#include <doctest/doctest.h>

#include "protocols/plausible.h"
#include "tests/protocols/jk_ble_wire.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

using Temps = std::vector<std::optional<double>>;

const Buffer old_frame = jk_ble_frame("aiobmsble_10.08_cell"),
             new_frame = jk_ble_frame("pb_15.37_cell_drycontact_arr1"), jk04_frame = jk_ble_frame("b5a24s_8.0.3M_cell");

std::optional<Reading> reading_of(const Buffer& frame) {
  const Heard heard = hear(frame);
  return heard.readings.empty() ? std::nullopt : std::optional(heard.readings[0]);
}
bool is_out_of_range(const Buffer& frame) {
  const Heard heard = hear(frame);
  return heard.good == 0 && heard.rejected == std::map<FrameError, int>{{FrameError::range, 1}};
}
void check_temps(const Temps& temps, const Temps& expected) {
  REQUIRE(temps.size() == expected.size());
  for (std::size_t i = 0; i < temps.size(); ++i) {
    CAPTURE(i);
    CAPTURE(temps[i].value_or(-200));
    CAPTURE(expected[i].value_or(-200));
    CHECK(temps[i].has_value() == expected[i].has_value());
    if (temps[i] && expected[i]) CHECK(*temps[i] == doctest::Approx(*expected[i]));
  }
}
Buffer float_bytes(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return {static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(bits >> 8), static_cast<std::uint8_t>(bits >> 16),
          static_cast<std::uint8_t>(bits >> 24)};
}

}  // namespace

TEST_CASE("jk-ble: power has the current's sign and is worked out") {
  const Reading reading = reading_of(jk_ble_frame("bd6a17s_7.1.0H_cell_discharge")).value();
  CHECK(*reading.current_a == doctest::Approx(-6.438));
  CHECK(*reading.power_w == doctest::Approx(-6.438 * *reading.pack_v));
  CHECK(reading.derived == std::vector<std::string>{"power_w"});
}

TEST_CASE("jk-ble: an absent probe is absent, and zeros of old software are none") {
  check_temps(reading_of(new_frame)->temps_c, {10.3, 12.5, std::nullopt, 13.5, 13.2});  // T3 repeats the MOSFETs
  check_temps(reading_of(with(new_frame, 254, from_hex("64 00")))->temps_c, {10.3, 12.5, 10.0, 13.5, 13.2});
  check_temps(reading_of(with(new_frame, 256, from_hex("30 F8")))->temps_c,
              {10.3, 12.5, std::nullopt, std::nullopt, 13.2});
  CHECK(!reading_of(with(new_frame, 144, from_hex("30 F8")))->mos_temp_c);
  check_temps(reading_of(with(new_frame, 162, from_hex("9C FF")))->temps_c, {-10.0, 12.5, std::nullopt, 13.5, 13.2});

  // Zero degrees: a temperature where the probe is listed, none where it is not.
  const Buffer freezing = with(new_frame, 162, from_hex("00 00"));
  check_temps(reading_of(freezing)->temps_c, {0.0, 12.5, std::nullopt, 13.5, 13.2});
  check_temps(reading_of(with(freezing, 214, from_hex("FD")))->temps_c, {std::nullopt, 12.5, std::nullopt, 13.5, 13.2});

  const Buffer zeros = with(new_frame, 256, from_hex("00 00 00 00"));
  check_temps(reading_of(zeros)->temps_c, {10.3, 12.5});
  check_temps(hear(jk_ble_frame("b2a25s_11.55_devinfo") + new_frame).readings.at(0).temps_c, {10.3, 12.5});
  check_temps(hear(jk_ble_frame("pb_14.20_devinfo") + zeros).readings.at(0).temps_c,
              {10.3, 12.5, std::nullopt, 0.0, 0.0});
}

TEST_CASE("jk-ble: alarms and warnings by the word of Bluetooth") {
  const auto of_new = [](const char* word) { return *reading_of(with(new_frame, 166, from_hex(word))); };
  CHECK(of_new("00 00 08 00").alarms == std::vector<Alarm>{});  // "change the password"
  CHECK(of_new("00 00 08 00").warnings == std::vector<Alarm>{});
  CHECK(of_new("00 00 08 00").alarm_raw == "00080000");
  CHECK(of_new("10 00 00 00").alarms == std::vector<Alarm>{});  // full
  CHECK(of_new("10 00 00 00").warnings == std::vector{Alarm::cell_overvoltage});
  CHECK(of_new("00 08 00 08").alarms == std::vector{Alarm::cell_undervoltage, Alarm::discharge_undertemperature});

  const auto of_old = [](const char* word) { return *reading_of(with(old_frame, 136, from_hex(word))); };
  CHECK(of_old("20 00").alarms == std::vector{Alarm::pack_overvoltage});
  CHECK(of_old("20 00").alarm_raw == "0020");
  CHECK(!reading_of(jk04_frame)->alarms);
  CHECK(!reading_of(jk04_frame)->alarm_raw);
}

TEST_CASE("jk-ble: balancing either way") {
  const Reading into = *reading_of(jk_ble_frame("bd6a17s_7.1.0H_cell_discharge"));
  const Reading out = *reading_of(jk_ble_frame("mpp_14s_discharge_balancing"));
  CHECK(into.balancing == true);
  CHECK(out.balancing == true);
  CHECK(*into.balance_current_a > 0);
  CHECK(*out.balance_current_a < 0);
  CHECK(reading_of(new_frame)->balancing == false);
}

TEST_CASE("jk-ble: an active balancer tells cells and little else") {
  const Reading reading = *reading_of(jk04_frame);
  CHECK(reading.derived == std::vector<std::string>{"pack_v"});
  CHECK(!reading.current_a);
  CHECK(!reading.power_w);
  CHECK(!reading.soc_pct);
  CHECK(!reading.charge_on);
  CHECK(reading.temps_c.empty());
}

TEST_CASE("jk-ble: values beyond what they count are refused") {
  CHECK(is_out_of_range(with(new_frame, 70, from_hex("FD"))));  // cells 1, 3, 4 ..
  CHECK(is_out_of_range(with(new_frame, 172, from_hex("03"))));
  CHECK(is_out_of_range(with(new_frame, 173, from_hex("65"))));
  CHECK(is_out_of_range(with(new_frame, 182, from_hex("FF FF FF FF"))));
  CHECK(is_out_of_range(with(old_frame, 54, from_hex("FF FF FF 01"))));  // 25 cells of 24
  CHECK(is_out_of_range(with(old_frame, 141, from_hex("FF"))));
  const float infinite = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for (const float strange : {infinite, -infinite, nan, -3.3F, 33.0F}) {
    CHECK(is_out_of_range(with(jk04_frame, 6, float_bytes(strange))));
    CHECK(is_out_of_range(with(jk04_frame, 10, float_bytes(strange))));
    CHECK(is_out_of_range(with(jk04_frame, 202, float_bytes(strange))));
  }
  CHECK(is_out_of_range(with(jk04_frame, 222, float_bytes(nan))));
  CHECK(is_out_of_range(with(jk04_frame, 10, float_bytes(4.5F))));  // the average says otherwise
  CHECK(is_out_of_range(with(jk04_frame, 214, from_hex("FF FF 01 00"))) == false);
}

TEST_CASE("jk-ble: a torn sense wire is left to the plausibility check, in a layout that is known") {
  const Heard heard = hear(new_frame + with(new_frame, 8, from_hex("10 00")));
  REQUIRE(heard.readings.size() == 2);
  CHECK(check_plausible(heard.readings[1]).impossible_cells == std::vector{2});
}

TEST_CASE("jk-ble: settings that can be neither kind's are refused; zeros are unknown") {
  const Buffer settings = jk_ble_frame("pb_14.20_settings"), jk04 = jk_ble_frame("b5a24s_8.0.3M_settings");
  CHECK(is_out_of_range(with(settings, 114, from_hex("00"))));
  CHECK(is_out_of_range(with(settings, 114, from_hex("21"))));
  CHECK(is_out_of_range(with(settings, 10, from_hex("FF FF"))));
  CHECK(is_out_of_range(with(settings, 18, from_hex("01 00"))));
  CHECK(is_out_of_range(with(settings, 90, from_hex("00 00 01 00"))));
  CHECK(is_out_of_range(with(jk04, 34, from_hex("19"))));
  CHECK(is_out_of_range(with(jk04, 98, from_hex("00 00 C0 7F"))));

  const Limits limits = hear(settings).limit_sets.at(0);
  CHECK(*limits.requested_charge_v == doctest::Approx(16 * 3.454));
  CHECK(*limits.requested_float_v == doctest::Approx(16 * 3.4));
  CHECK(!hear(with(settings, 38, from_hex("00 00 00 00"))).limit_sets.at(0).requested_charge_v);

  const Buffer cold = with(settings, 296, from_hex("EC"));
  const Buffer v19 = with(jk_ble_frame("pb_14.20_devinfo"), 30, from_hex("31392E3237"));
  CHECK(hear(v19 + cold).limit_sets.at(0).discharge_utp_c == -20);
  CHECK(!hear(cold).limit_sets.at(0).discharge_utp_c);
  CHECK(!hear(jk_ble_frame("pb_14.20_devinfo") + cold).limit_sets.at(0).discharge_utp_c);
}
