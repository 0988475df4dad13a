#pragma once
// What the collection of captured JK frames expects, against what was decoded: one frame over Bluetooth, in registers
// or on a chain.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "protocols/battery.h"

namespace cellwarden::test {

using nlohmann::json;

inline constexpr double absent_c = -200;

inline void check_number(const json& expect, const std::optional<double>& value) {
  REQUIRE(value);
  CHECK(std::abs(*value - expect.get<double>()) < 1e-3);
}
inline void check_celsius(const json& expect, const std::optional<double>& value) {
  if (expect == absent_c) {
    CHECK(!value);
  } else {
    check_number(expect, value);
  }
}

inline std::string hex_word(std::uint32_t word, int digits) {
  char text[12];
  std::snprintf(text, sizeof text, "%0*X", digits, static_cast<unsigned>(word));
  return text;
}

/// Checks one expected value of a cell frame; false when we have no word for it.
inline bool check_cells(const std::string& key, const json& value, const std::string& variant, const Reading& reading) {
  const std::map<std::string, std::optional<double>> numbers = {{"voltage_V", reading.pack_v},
                                                                {"sum_cells_V", reading.pack_v},
                                                                {"current_A", reading.current_a},
                                                                {"remaining_Ah", reading.remaining_ah},
                                                                {"soc_pct", reading.soc_pct},
                                                                {"full_charge_Ah", reading.full_ah},
                                                                {"balance_current_A", reading.balance_current_a}};
  const std::map<std::string, std::size_t> slots = {{"temp1_C", 0}, {"temp2_C", 1}, {"temp256_C", 3}, {"temp258_C", 4}};
  if (const auto number = numbers.find(key); number != numbers.end()) {
    check_number(value, number->second);
  } else if (const auto slot = slots.find(key); slot != slots.end()) {
    if (slot->second < reading.temps_c.size()) {
      check_celsius(value, reading.temps_c[slot->second]);
    } else {
      CHECK(value == 0);  // software that has no such probe
    }
  } else if (key == "cell_voltages_V") {
    REQUIRE(reading.cells_v.size() == value.size());
    for (std::size_t i = 0; i < value.size(); ++i) check_number(value[i], reading.cells_v[i]);
  } else if (key == "cell_count") {
    CHECK(reading.cells_v.size() == value.get<std::size_t>());
  } else if (key == "mos_temp_C") {
    check_celsius(value, reading.mos_temp_c);
  } else if (key == "soh_pct") {
    if (value == 0) {
      CHECK(!reading.soh_pct);
    } else {
      check_number(value, reading.soh_pct);
    }
  } else if (key == "cycles") {
    CHECK(reading.cycles == value.get<int>());
  } else if (key == "charge_mos") {
    CHECK(reading.charge_on == (value == true || value == 1));
  } else if (key == "discharge_mos") {
    CHECK(reading.discharge_on == (value == true || value == 1));
  } else if (key == "balance_action") {
    CHECK(reading.balancing == (value != 0));
  } else if (key == "alarm_mask") {
    CHECK(reading.alarm_raw == hex_word(value.get<std::uint32_t>(), variant == "JK02_24S" ? 4 : 8));
  } else {
    return false;
  }
  return true;
}

inline bool check_settings(const std::string& key, const json& value, const Limits& limits) {
  const std::map<std::string, std::optional<double>> numbers = {{"cell_uvp_V", limits.cell_uvp_v},
                                                                {"cell_uvpr_V", limits.cell_uvp_release_v},
                                                                {"cell_ovp_V", limits.cell_ovp_v},
                                                                {"cell_ovpr_V", limits.cell_ovp_release_v},
                                                                {"balance_trigger_V", limits.balance_delta_v},
                                                                {"balance_start_V", limits.balance_start_v},
                                                                {"soc100_V", limits.soc_full_cell_v},
                                                                {"soc0_V", limits.soc_empty_cell_v},
                                                                {"max_charge_A", limits.charge_ocp_a},
                                                                {"max_discharge_A", limits.discharge_ocp_a},
                                                                {"max_balance_A", limits.balance_current_max_a},
                                                                {"charge_otp_C", limits.charge_otp_c},
                                                                {"discharge_otp_C", limits.discharge_otp_c},
                                                                {"charge_utp_C", limits.charge_utp_c},
                                                                {"mos_otp_C", limits.mos_otp_c},
                                                                {"capacity_Ah", limits.capacity_ah}};
  const auto per_cell = [&](const std::optional<double>& pack_v) {
    return pack_v ? std::optional(*pack_v / *limits.cell_count) : std::nullopt;
  };
  const std::map<std::string, std::optional<double>> of_the_pack = {{"rcv_V", per_cell(limits.requested_charge_v)},
                                                                    {"rfv_V", per_cell(limits.requested_float_v)}};
  if (key == "cell_count") {
    CHECK(limits.cell_count == value.get<int>());
    return true;
  }
  for (const auto& table : {numbers, of_the_pack}) {
    const auto number = table.find(key);
    if (number == table.end()) continue;
    if (value == 0 && !key.ends_with("_C")) {
      CHECK(!number->second);  // unknown to its software
    } else {
      check_number(value, number->second);
    }
    return true;
  }
  return false;
}

inline bool check_device(const std::string& key, const json& value, const Identity& identity) {
  const std::map<std::string, std::optional<std::string>> texts = {
      {"model", identity.model}, {"hw", identity.hardware}, {"sw", identity.software}, {"serial", identity.serial}};
  const auto expect = value.is_string() ? value.get<std::string>() : "";
  if (const auto text = texts.find(key); text != texts.end()) {
    CHECK(text->second.value_or("") == expect);
  } else if (key == "mfg_date") {
    if (expect.empty()) {
      CHECK(!identity.manufactured);
    } else {
      CHECK(identity.manufactured ==
            "20" + expect.substr(0, 2) + "-" + expect.substr(2, 2) + "-" + expect.substr(4, 2));
    }
  } else {
    return false;
  }
  return true;
}

/// What the program has no word for.
inline const std::set<std::string> no_word = {
    // cells
    "cell_mask", "cell_avg_V", "cell_delta_V", "cell_max_index_raw", "cell_min_index_raw", "cell_resistances_ohm",
    "wire_res_warn_mask", "power_W_unsigned", "cycle_capacity_Ah", "precharge", "runtime_s", "temp_present_mask",
    "heating", "heat_current_A", "temp254_C", "emergency_s", "charge_status", "charge_status_time_s", "dry_contact",
    "pack_voltage_cV",
    // settings
    "smart_sleep_V", "power_off_V", "charge_ocp_delay_s", "charge_ocpr_s", "discharge_ocp_delay_s", "discharge_ocpr_s",
    "scpr_s", "scp_delay_us", "charge_switch", "discharge_switch", "balance_switch", "charge_otpr_C",
    "discharge_otpr_C", "charge_utpr_C", "mos_otpr_C", "device_address", "precharge_s", "controls_mask", "heat_start_C",
    "heat_stop_C", "smart_sleep_h", "adc_vref",
    // device
    "uptime_s", "power_on_count", "name", "user_data"};

}  // namespace cellwarden::test
