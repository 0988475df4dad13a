// Captured JK frames over Bluetooth: what each means, cut at every size and with all that is glued to them.
#include <doctest/doctest.h>

#include <cstdio>
#include <set>

#include "tests/protocols/jk_ble_wire.h"

using namespace cellwarden;
using namespace cellwarden::test;
using nlohmann::json;

namespace {

constexpr double absent_c = -200;

void check_number(const json& expect, const std::optional<double>& value) {
  REQUIRE(value);
  CHECK(std::abs(*value - expect.get<double>()) < 1e-3);
}
void check_celsius(const json& expect, const std::optional<double>& value) {
  if (expect == absent_c) {
    CHECK(!value);
  } else {
    check_number(expect, value);
  }
}

std::string hex_word(std::uint32_t word, int digits) {
  char text[12];
  std::snprintf(text, sizeof text, "%0*X", digits, static_cast<unsigned>(word));
  return text;
}

/// Checks one expected value of a cell frame; false when we have no word for it.
bool check_cells(const std::string& key, const json& value, const std::string& variant, const Reading& reading) {
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
    CHECK(reading.charge_on == value.get<bool>());
  } else if (key == "discharge_mos") {
    CHECK(reading.discharge_on == value.get<bool>());
  } else if (key == "balance_action") {
    CHECK(reading.balancing == (value != 0));
  } else if (key == "alarm_mask") {
    CHECK(reading.alarm_raw == hex_word(value.get<std::uint32_t>(), variant == "JK02_24S" ? 4 : 8));
  } else {
    return false;
  }
  return true;
}

bool check_settings(const std::string& key, const json& value, const Limits& limits) {
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

bool check_device(const std::string& key, const json& value, const Identity& identity) {
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
const std::set<std::string> no_word = {
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

bool check_value(const std::string& kind, const std::string& key, const json& value, const std::string& variant,
                 const Heard& heard) {
  if (kind == "cell_info") return check_cells(key, value, variant, heard.readings.at(0));
  if (kind == "settings") return check_settings(key, value, heard.limit_sets.at(0));
  return check_device(key, value, heard.identities.at(0));
}

}  // namespace

TEST_CASE("jk-ble: every captured frame means what it means") {
  std::map<std::string, int> seen;
  for (const auto& entry : jk_ble_collection()) {
    if (!entry.contains("bytes")) continue;
    const auto kind = entry["kind"].get<std::string>();
    INFO(entry["name"].get<std::string>());
    const Heard heard = hear(from_hex(entry["bytes"].get<std::string>()));
    ++seen[entry["expect"].contains("reject") ? "refused" : kind];
    if (kind == "command_ack") {
      check_same(heard, Heard{});  // neither good nor bad
      continue;
    }
    if (entry["expect"].contains("reject")) {
      CHECK(heard.good == 0);
      CHECK(heard.readings.empty());
      CHECK(heard.rejected.contains(entry.contains("truncated") ? FrameError::length : FrameError::checksum));
      continue;
    }
    CHECK(heard.good == 1);
    CHECK(heard.rejected.empty());
    CHECK(heard.readings.size() == (kind == "cell_info" ? 1 : 0));
    CHECK(heard.limit_sets.size() == (kind == "settings" ? 1 : 0));
    CHECK(heard.identities.size() == (kind == "device_info" ? 1 : 0));
    if (kind == "logbook") continue;
    for (const auto& expected : entry["expect"].items()) {
      const std::string& key = expected.key();
      INFO(key);
      CHECK(check_value(kind, key, expected.value(), entry["variant"], heard) != no_word.contains(key));
    }
  }
  const std::map<std::string, int> all = {{"cell_info", 22},  {"settings", 7}, {"device_info", 9},
                                          {"command_ack", 1}, {"logbook", 1},  {"refused", 2}};
  CHECK(seen == all);
}

TEST_CASE("jk-ble: cut at every size from one byte to the largest notification, frames say the same") {
  for (const auto& entry : jk_ble_collection()) {
    if (!entry.contains("bytes")) continue;
    INFO(entry["name"].get<std::string>());
    const Buffer bytes = from_hex(entry["bytes"].get<std::string>());
    const Heard whole = hear(bytes);
    for (std::size_t size = 1; size <= 247; ++size) {
      const Heard pieces = hear(cut(bytes, size));
      INFO("pieces of " << size);
      check_same(pieces, whole);
    }
  }
}

TEST_CASE("jk-ble: captured streams, as notified and cut anew") {
  for (const std::string name : {"stream_pb_AT_junk", "stream_bd6a17s_128_128_44"}) {
    INFO(name);
    const Chunks chunks = jk_ble_chunks(name);
    const Heard heard = hear(chunks);
    CHECK(heard.rejected.empty());
    std::size_t devices = 0, settings = 0, cells = 0;
    for (const auto& frame : jk_ble_entry(name)["expect"]["frames"]) {
      const int type = frame["type"];
      if (type == 3) {
        CHECK(heard.identities.at(devices).model == frame["model"].get<std::string>());
        CHECK(heard.identities.at(devices++).software == frame["sw"].get<std::string>());
        continue;
      }
      for (const auto& expected : frame.items()) {
        INFO(expected.key());
        if (type == 1) check_settings(expected.key(), expected.value(), heard.limit_sets.at(settings));
        if (type == 2) check_cells(expected.key(), expected.value(), "", heard.readings.at(cells));
      }
      ++(type == 1 ? settings : cells);
    }
    CHECK(cells >= 5);
    CHECK(heard.identities.size() == devices);
    CHECK(heard.limit_sets.size() == settings);
    CHECK(heard.readings.size() == cells);
    CHECK(heard.good == static_cast<int>(devices + settings + cells));

    Buffer all;
    for (const Buffer& chunk : chunks) all = all + chunk;
    for (const std::size_t size : {1, 2, 3, 5, 19, 20, 80, 128, 150, 244, 300, 384, 512, 4000}) {
      INFO("pieces of " << size);
      check_same(hear(cut(all, size)), heard);
    }
  }
}

TEST_CASE("jk-ble: buffers of 304, 320, 324 and 384 bytes, and frames back to back") {
  const Buffer settings = jk_ble_frame("pb_14.20_settings"), device = jk_ble_frame("pb_14.20_devinfo"),
               cells = jk_ble_frame("pb_14.20_cell");
  const Heard one_each = hear(Chunks{settings, device, cells});
  REQUIRE(one_each.good == 3);
  const auto head = [](const Buffer& of) { return Buffer(of.begin(), of.begin() + 84); };
  const auto tail = [](const Buffer& of) { return Buffer(of.begin() + 84, of.end()); };
  check_same(hear({settings + at_noise, device + acknowledge, cells + acknowledge + at_noise}), one_each);
  check_same(hear({settings + head(device), tail(device) + acknowledge + head(cells), tail(cells) + at_noise}),
             one_each);
  check_same(hear(settings + device + cells), one_each);
  check_same(hear(at_noise + at_noise + acknowledge + settings + device + acknowledge + at_noise + cells), one_each);
  // An acknowledge in two notifications, and what we asked come back.
  const Buffer ack_head(acknowledge.begin(), acknowledge.begin() + 15),
      ack_tail(acknowledge.begin() + 15, acknowledge.end());
  check_same(
      hear({jk::ble_ask_device(), settings + ack_head, ack_tail, at_noise, jk::ble_start_stream(), device, cells}),
      one_each);
}

TEST_CASE("jk-ble: junk before and after a frame costs nothing but itself") {
  const Buffer frame = jk_ble_frame("pb_15.37_cell_drycontact_arr1");
  const Reading reading = hear(frame).readings.at(0);
  for (const auto& junk :
       {"00", "FF00FF", "55", "55AA", "55AAEB", "55AAEB90", "55AAEB9002", "55AAEB9000", "55AAEB9004", "AA5590",
        "AA5590EBC8010100", "AA5590EBC8010100000000000000000000000045", "41", "41540D", "41414154", "4E570013"}) {
    CAPTURE(std::string(junk));
    for (std::size_t size = 1; size <= 64; ++size) {
      const Heard before = hear(cut(from_hex(junk) + frame, size)), after = hear(cut(frame + from_hex(junk), size));
      CHECK(before.readings == std::vector{reading});
      CHECK(!before.rejected.empty());
      CHECK(after.readings == std::vector{reading});
      CHECK(!after.rejected.empty());
    }
  }
}

TEST_CASE("jk-ble: refused, and why") {
  const Buffer frame = jk_ble_frame("pb_15.37_cell_drycontact_arr1");
  const auto only = [](const Buffer& bytes, FrameError why) {
    const Heard heard = hear(bytes);
    CHECK(heard.good == 0);
    CHECK(heard.readings.empty());
    CHECK(heard.rejected.contains(why));
  };
  for (const std::size_t at : {6, 37, 100, 150, 298, 299}) {
    Buffer damaged = frame;
    damaged[at] ^= 0x04;
    only(damaged, FrameError::checksum);
  }
  for (const int type : {0, 4, 6, 0xC8}) only(with(frame, 4, {static_cast<std::uint8_t>(type)}), FrameError::sync);
  only(Buffer(frame.begin() + 1, frame.end()), FrameError::sync);
  for (const std::size_t size : {299, 150, 5, 4, 1}) {
    only(Buffer(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size)), FrameError::length);
  }
}

TEST_CASE("jk-ble: passcodes leave the codec in no text") {
  for (const auto& entry : jk_ble_collection()) {
    if (entry["kind"] != "device_info") continue;
    Buffer frame = jk_ble_frame(entry["name"]);
    const std::string secret = "GEHEIM99";
    for (const std::size_t at : {62, 118}) frame = with(frame, at, Buffer(secret.begin(), secret.end()));
    const Heard heard = hear(frame);
    REQUIRE(heard.identities.size() == 1);
    each_member(heard.identities[0], [&](std::string_view, const std::optional<std::string>& text) {
      CHECK(text.value_or("").find("GEHEIM") == std::string::npos);
      CHECK(text.value_or("").find("123456") == std::string::npos);
    });
  }
}

TEST_CASE("jk-ble: a text is printable or left out") {
  const Buffer frame = jk_ble_frame("pb_14.20_devinfo");
  const auto identity = [](const Buffer& bytes) { return hear(bytes).identities.at(0); };
  CHECK(identity(with(frame, 6, from_hex("4A4BFF01C3A942 00"))).model == "JKB");
  CHECK(!identity(with(frame, 6, from_hex("00"))).model);
  CHECK(identity(with(frame, 78, from_hex("323431323331"))).manufactured == "2024-12-31");
  CHECK(!identity(with(frame, 78, from_hex("323431333331"))).manufactured);
  CHECK(!identity(with(frame, 78,
                       from_hex("3234313233"
                                "00")))
             .manufactured);
  // Sixteen characters fill the field: what follows is none of them.
  CHECK(identity(with(frame, 86, from_hex("31323334353637383930313233343536"))).serial == "1234567890123456");
}
