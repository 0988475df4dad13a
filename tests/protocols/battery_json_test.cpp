#include "protocols/battery_json.h"

#include <doctest/doctest.h>

#include <set>

using namespace cellwarden;
using nlohmann::json;

namespace {

/// The names of the design, written out: a name changed in one place must turn this red.
const std::set<std::string> reading_names = {
    "taken_at", "cells_v",    "pack_v",    "current_a",    "power_w",   "soc_pct",         "soh_pct",
    "cycles",   "temps_c",    "charge_on", "discharge_on", "balancing", "balancing_cells", "balance_current_a",
    "alarms",   "mos_temp_c", "warnings",  "alarm_raw",    "derived",   "remaining_ah",    "full_ah"};
const std::set<std::string> limit_names = {
    "cell_ovp_v",         "cell_ovp_release_v", "cell_uvp_v",      "cell_uvp_release_v",    "pack_ovp_v",
    "pack_uvp_v",         "charge_ocp_a",       "discharge_ocp_a", "charge_otp_c",          "charge_utp_c",
    "discharge_otp_c",    "discharge_utp_c",    "mos_otp_c",       "balance_start_v",       "balance_delta_v",
    "capacity_ah",        "cell_count",         "soc_full_cell_v", "soc_empty_cell_v",      "pack_ovp_release_v",
    "pack_uvp_release_v", "requested_charge_v", "chemistry",       "balance_current_max_a", "requested_float_v"};
const std::set<std::string> identity_names = {"brand",    "protocol", "model",       "serial",
                                              "hardware", "software", "manufactured"};
const std::set<std::string> summary_names = {"cell_max_v", "cell_max_n", "cell_min_v",
                                             "cell_min_n", "cell_avg_v", "cell_delta_mv"};
const std::vector<std::string> alarm_list = {"cell_overvoltage",
                                             "cell_undervoltage",
                                             "pack_overvoltage",
                                             "pack_undervoltage",
                                             "charge_overcurrent",
                                             "discharge_overcurrent",
                                             "short_circuit",
                                             "charge_overtemperature",
                                             "charge_undertemperature",
                                             "discharge_overtemperature",
                                             "discharge_undertemperature",
                                             "mos_overtemperature",
                                             "cell_difference",
                                             "temperature_difference",
                                             "soc_low",
                                             "sensor_fault",
                                             "mos_fault",
                                             "internal_fault",
                                             "other"};

std::set<std::string> keys(const json& object) {
  std::set<std::string> all;
  for (const auto& [key, value] : object.items()) all.insert(key);
  return all;
}

/// Every value differs, so that one put in another's place is seen; all are at their resolution.
Reading full_reading() {
  Reading r;
  r.taken_at = UtcTime(std::chrono::milliseconds(1'764'056'400'123));
  r.cells_v = {3.301, std::nullopt, 3.303};
  r.pack_v = 52.81, r.current_a = -12.34, r.power_w = -651.7, r.soc_pct = 81.5, r.soh_pct = 97.5;
  r.remaining_ah = 228.21, r.full_ah = 280.02, r.cycles = 345;
  r.temps_c = {21.5, std::nullopt, -3.5};
  r.mos_temp_c = 31.5;
  r.charge_on = true, r.discharge_on = false, r.balancing = true;
  r.balancing_cells = {1, 3};
  r.balance_current_a = 0.85;
  r.alarms.emplace(), r.warnings.emplace();
  for (std::size_t i = 0; i < alarm_list.size(); ++i) {
    (i % 2 ? r.alarms : r.warnings)->push_back(static_cast<Alarm>(i));
  }
  r.alarm_raw = "0401 0002";
  r.derived = {"power_w", "pack_v"};
  return r;
}

template <class T>
T numbered() {
  T made;
  int n = 0;
  each_member(made, [&]<class M>(std::string_view, M& member) {
    ++n;
    if constexpr (std::is_same_v<M, std::optional<double>>) member = n + 0.25;
    if constexpr (std::is_same_v<M, std::optional<int>>) member = n;
    if constexpr (std::is_same_v<M, std::optional<std::string>>) member = "text " + std::to_string(n);
  });
  return made;
}

/// Through text, as over a broker or a file. A temperature's resolution is 0.1.
json through_text(const json& from) { return json::parse(from.dump()); }

}  // namespace

TEST_CASE("json: a whole reading comes back as it was") {
  const Reading reading = full_reading();
  CHECK(reading_from_json(through_text(to_json(reading))) == reading);
}

TEST_CASE("json: limits and identity come back as they were") {
  Limits limits = numbered<Limits>();
  for (auto* temp : {&limits.charge_otp_c, &limits.charge_utp_c, &limits.discharge_otp_c, &limits.discharge_utp_c,
                     &limits.mos_otp_c}) {
    **temp -= 100.75;  // below freezing, and at its resolution of 0.1
  }
  CHECK(limits_from_json(through_text(to_json(limits))) == limits);
  const Identity identity = numbered<Identity>();
  CHECK(identity_from_json(through_text(to_json(identity))) == identity);
}

TEST_CASE("json: the names are those of the design, all of them and no more") {
  CHECK(keys(to_json(Reading{})) == reading_names);
  CHECK(keys(to_json(full_reading())) == reading_names);
  CHECK(keys(to_json(Limits{})) == limit_names);
  CHECK(keys(to_json(Identity{})) == identity_names);
  std::set<std::string> state = reading_names;
  state.insert(summary_names.begin(), summary_names.end());
  for (const auto& alarm : alarm_list) state.insert("alarm_" + alarm);
  CHECK(keys(to_json_with_summary(full_reading())) == state);
  CHECK(keys(to_json_with_summary(Reading{})) == state);
  REQUIRE(alarm_names.size() == alarm_list.size());
  for (std::size_t i = 0; i < alarm_list.size(); ++i) CHECK(name(static_cast<Alarm>(i)) == alarm_list[i]);
}

TEST_CASE("json: what is unknown is null or an empty list, never 0") {
  const json nothing = to_json_with_summary(Reading{});
  for (const auto& [key, value] : nothing.items()) {
    CAPTURE(key);
    const bool list = key == "cells_v" || key == "temps_c" || key == "derived";
    CHECK((list ? value == json::array() : value.is_null()));
  }
  for (const json& other : {to_json(Limits{}), to_json(Identity{})}) {
    for (const auto& [key, value] : other.items()) CHECK_MESSAGE(value.is_null(), key);
  }

  CHECK(reading_from_json(nothing) == Reading{});
  CHECK(reading_from_json(json::object()) == Reading{});
  CHECK(limits_from_json(to_json(Limits{})) == Limits{});
  CHECK(limits_from_json(json::object()) == Limits{});
  CHECK(identity_from_json(to_json(Identity{})) == Identity{});
  CHECK(identity_from_json(json::object()) == Identity{});
}

TEST_CASE("json: no number that JSON has no word for, and no minus zero") {
  Reading reading;
  reading.pack_v = std::numeric_limits<double>::quiet_NaN();
  reading.current_a = -0.001;
  reading.cells_v = {std::numeric_limits<double>::infinity()};
  const json made = to_json(reading);
  CHECK(made["pack_v"].is_null());
  CHECK(made["cells_v"] == json{nullptr});
  CHECK(made["current_a"].dump() == "0.0");
}

TEST_CASE("json: a value of the wrong type is refused") {
  const std::map<std::string, std::vector<json>> wrong = {
      {"pack_v", {"52.8", true, json::array(), json::object()}},
      {"cycles", {"3", true, 3.5, json::array()}},
      {"cells_v", {3.3, "3.3", {3.3, "3.3"}, {{"1", 3.3}}}},
      {"temps_c", {21.5, {true}}},
      {"charge_on", {1, "true", json::array()}},
      {"balancing_cells", {1, {1.5}, {"1"}}},
      {"alarms", {"cell_overvoltage", {1}}},
      {"alarm_raw", {401, json::array()}},
      {"derived", {"power_w", {1}}},
      {"taken_at", {1'764'056'400, "yesterday", "2026-13-01T00:00:00.000Z", "2026-11-25T07:61:00.000Z"}}};
  for (const auto& [key, values] : wrong) {
    for (const auto& value : values) {
      CAPTURE(key);
      CAPTURE(value.dump());
      CHECK_THROWS_AS(reading_from_json({{key, value}}), json::exception);
    }
  }
  CHECK_THROWS_AS(limits_from_json({{"cell_ovp_v", "3.65"}}), json::exception);
  CHECK_THROWS_AS(limits_from_json({{"cell_count", 15.5}}), json::exception);
  CHECK_THROWS_AS(limits_from_json({{"chemistry", 1}}), json::exception);
  CHECK_THROWS_AS(identity_from_json({{"model", 5}}), json::exception);
  for (const json& none : {json(nullptr), json(5), json("text"), json::array({1, 2})}) {
    CAPTURE(none.dump());
    CHECK_THROWS_AS(reading_from_json(none), json::exception);
    CHECK_THROWS_AS(limits_from_json(none), json::exception);
    CHECK_THROWS_AS(identity_from_json(none), json::exception);
  }
}

TEST_CASE("json: an alarm of a newer version is `other`") {
  CHECK(reading_from_json({{"alarms", {"soc_low", "frost_giants"}}}).alarms ==
        std::vector<Alarm>{Alarm::soc_low, Alarm::other});
}

TEST_CASE("json: moments as text and back, leap day and milliseconds kept") {
  using namespace std::chrono;
  const UtcTime leap = sys_days(2028y / February / 29d) + hours(23) + minutes(59) + seconds(59) + milliseconds(7);
  CHECK(utc_text(leap) == "2028-02-29T23:59:59.007Z");
  CHECK(utc_from_text("2028-02-29T23:59:59.007Z") == leap);
  for (const char* none : {"", "now", "2027-02-29T00:00:00.000Z", "2026-11-25T24:00:00.000Z",
                           "2026-11-25T07:00:60.000Z", "2026-11-25T-1:00:00.000Z", "2026-11-25T07:00:00.5000Z"}) {
    CAPTURE(std::string(none));
    CHECK_FALSE(utc_from_text(none));
  }
}

TEST_CASE("json: the summary names the cells and leaves out the unknown one") {
  const json state = to_json_with_summary(full_reading());
  CHECK(state["cell_max_v"] == 3.303);
  CHECK(state["cell_max_n"] == 3);
  CHECK(state["cell_min_v"] == 3.301);
  CHECK(state["cell_min_n"] == 1);
  CHECK(state["cell_avg_v"] == 3.302);
  CHECK(state["cell_delta_mv"] == 2.0);
  for (std::size_t i = 0; i < alarm_list.size(); ++i) {
    CHECK(state["alarm_" + alarm_list[i]] == (i % 2 == 1));  // those of full_reading
  }
}
