#include "daemon/publish/entities.h"

#include <algorithm>
#include <charconv>

namespace cellwarden {

/// 7 for "cell_7_v" with "cell_", "_v"; 0 for any other key, "cell_max_v" among them.
int number_in(std::string_view key, std::string_view before, std::string_view after) {
  if (!key.starts_with(before) || !key.ends_with(after) || key.size() <= before.size() + after.size()) return 0;
  const auto digits = key.substr(before.size(), key.size() - before.size() - after.size());
  int n = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  return failure == std::errc{} && end == digits.data() + digits.size() && n > 0 && n <= 1000 ? n : 0;
}

namespace {

struct Row {
  std::string_view key, platform, name, device_class, unit, state_class;
  enum Shown { plain, diagnostic, hidden } shown;  ///< hidden: diagnostic, and not enabled by default
  int precision;                                   ///< -1: none
};

constexpr auto measured = "measurement";
constexpr auto counted = "total_increasing";

// clang-format off
// What a reading holds once. One `battery` per device (the SoC), so the SoH has no class; Ah has none in Home Assistant.
constexpr Row once[] = {
    {"pack_v",            "sensor", "Voltage",                 "voltage",     "V",   measured, Row::plain,       2},
    {"current_a",         "sensor", "Current",                 "current",     "A",   measured, Row::plain,       1},
    {"power_w",           "sensor", "Power",                   "power",       "W",   measured, Row::plain,       0},
    {"soc_pct",           "sensor", "State of charge",         "battery",     "%",   measured, Row::plain,       1},
    {"soh_pct",           "sensor", "State of health",         "",            "%",   measured, Row::diagnostic,  1},
    {"remaining_ah",      "sensor", "Remaining capacity",      "",            "Ah",  measured, Row::plain,       1},
    {"full_ah",           "sensor", "Full capacity",           "",            "Ah",  measured, Row::diagnostic,  1},
    {"cycles",            "sensor", "Charge cycles",           "",            "",    counted,  Row::diagnostic, -1},
    {"charged_kwh",       "sensor", "Charged energy",          "energy",      "kWh", counted,  Row::plain,       2},
    {"discharged_kwh",    "sensor", "Discharged energy",       "energy",      "kWh", counted,  Row::plain,       2},
    {"cell_max_v",        "sensor", "Highest cell voltage",    "voltage",     "V",   measured, Row::plain,       3},
    {"cell_max_n",        "sensor", "Highest cell",            "",            "",    "",       Row::hidden,     -1},
    {"cell_min_v",        "sensor", "Lowest cell voltage",     "voltage",     "V",   measured, Row::plain,       3},
    {"cell_min_n",        "sensor", "Lowest cell",             "",            "",    "",       Row::hidden,     -1},
    {"cell_avg_v",        "sensor", "Average cell voltage",    "voltage",     "V",   measured, Row::hidden,      3},
    {"cell_delta_mv",     "sensor", "Cell voltage difference", "voltage",     "mV",  measured, Row::plain,       0},
    {"mos_temp_c",        "sensor", "MOSFET temperature",      "temperature", "°C",  measured, Row::diagnostic,  0},
    {"charge_on",         "binary_sensor", "Charge switch",    "",            "",    "",       Row::diagnostic, -1},
    {"discharge_on",      "binary_sensor", "Discharge switch", "",            "",    "",       Row::diagnostic, -1},
    {"balancing",         "binary_sensor", "Balancing",        "running",     "",    "",       Row::diagnostic, -1},
    {"balance_current_a", "sensor", "Balancing current",       "current",     "A",   measured, Row::hidden,      2},
    {"link_rssi_dbm",     "sensor", "Signal strength when found", "signal_strength", "dBm", measured, Row::diagnostic, 0},
    {"link_connects",     "sensor", "Bluetooth connects",      "",            "",    counted,  Row::hidden,     -1},
    {"link_drops",        "sensor", "Bluetooth drops",         "",            "",    counted,  Row::hidden,     -1},
    {"taken_at",          "sensor", "Last reading",            "timestamp",   "",    "",       Row::hidden,     -1},
};
constexpr Row cell  = {"", "sensor", "", "voltage",     "V",  measured, Row::diagnostic, 3};
constexpr Row probe = {"", "sensor", "", "temperature", "°C", measured, Row::plain,      0};

struct AlarmRow {
  Alarm alarm;
  std::string_view name, device_class;
  bool enabled;
};
constexpr AlarmRow alarm_rows[] = {
    {Alarm::cell_overvoltage,           "Cell voltage high",          "problem", true},
    {Alarm::cell_undervoltage,          "Cell voltage low",           "problem", true},
    {Alarm::pack_overvoltage,           "Pack voltage high",          "problem", true},
    {Alarm::pack_undervoltage,          "Pack voltage low",           "problem", true},
    {Alarm::charge_overcurrent,         "Charge current high",        "problem", true},
    {Alarm::discharge_overcurrent,      "Discharge current high",     "problem", true},
    {Alarm::short_circuit,              "Short circuit",              "safety",  true},
    {Alarm::charge_overtemperature,     "Charge temperature high",    "heat",    true},
    {Alarm::charge_undertemperature,    "Charge temperature low",     "cold",    true},
    {Alarm::discharge_overtemperature,  "Discharge temperature high", "heat",    true},
    {Alarm::discharge_undertemperature, "Discharge temperature low",  "cold",    true},
    {Alarm::mos_overtemperature,        "MOSFET temperature high",    "heat",    true},
    {Alarm::cell_difference,            "Cell voltages differ",       "problem", true},
    {Alarm::temperature_difference,     "Temperatures differ",        "problem", false},
    {Alarm::soc_low,                    "Charge low",                 "battery", false},
    {Alarm::sensor_fault,               "Sensor fault",               "problem", true},
    {Alarm::mos_fault,                  "MOSFET fault",               "problem", true},
    {Alarm::internal_fault,             "Internal fault",             "problem", true},
    {Alarm::other,                      "Other alarm",                "problem", true},
};
// clang-format on
static_assert(std::size(alarm_rows) == alarm_names.size());

std::string numbered(std::string_view before, int n, std::string_view after) {
  return std::string(before) + std::to_string(n) + std::string(after);
}
std::string cell_key(int n) { return numbered("cell_", n, "_v"); }
std::string probe_key(int n) { return numbered("temp_", n, "_c"); }

Entity entity(const Row& row, std::string key, std::string name, std::string value) {
  return {.key = std::move(key),
          .platform = std::string(row.platform),
          .name = std::move(name),
          .device_class = std::string(row.device_class),
          .unit = std::string(row.unit),
          .state_class = std::string(row.state_class),
          .diagnostic = row.shown != Row::plain,
          .enabled = row.shown != Row::hidden,
          .precision = row.precision < 0 ? std::nullopt : std::optional(row.precision),
          .value = std::move(value),
          .even_offline = row.key == "taken_at"};
}

Entity entity(const AlarmRow& row) {
  const auto alarm = std::string(name(row.alarm));
  return {.key = "alarm_" + alarm,
          .platform = "binary_sensor",
          .name = std::string(row.name),
          .device_class = std::string(row.device_class),
          .unit = {},
          .state_class = {},
          .diagnostic = true,
          .enabled = row.enabled,
          .precision = {},
          .value = "alarm_" + alarm};
}

int highest(const Shape& shape, std::string_view before, std::string_view after) {
  int most = 0;
  for (const auto& key : shape) most = std::max(most, number_in(key, before, after));
  return most;
}

}  // namespace

void learn(Shape& shape, const Reading& reading) {
  each_member(reading, [&]<class M>(std::string_view key, const M& member) {
    if constexpr (requires { member.has_value(); }) {
      const bool in_table = std::ranges::any_of(once, [&](const Row& row) { return row.key == key; });
      if (in_table && member.has_value()) shape.insert(std::string(key));
    }
  });
  if (reading.alarms)
    for (const auto& row : alarm_rows) shape.insert("alarm_" + std::string(name(row.alarm)));
  if (summarise(reading.cells_v))
    for (const auto* key : {"cell_max_v", "cell_max_n", "cell_min_v", "cell_min_n", "cell_avg_v", "cell_delta_mv"})
      shape.insert(key);

  const int cells = static_cast<int>(reading.cells_v.size()), probes = static_cast<int>(reading.temps_c.size());
  for (int n = 1; n <= cells; ++n) shape.insert(cell_key(n));
  for (int n = 1; n <= probes; ++n)
    if (reading.temps_c[static_cast<std::size_t>(n - 1)]) shape.insert(probe_key(n));
  std::erase_if(shape, [&](const std::string& key) {
    return number_in(key, "cell_", "_v") > cells || number_in(key, "temp_", "_c") > probes;
  });
}

void learn(Shape& shape, const Energy& energy) {
  each_member(energy, [&](std::string_view key, double) { shape.insert(std::string(key)); });
}

void learn(Shape& shape, const std::optional<LinkCounters>& link) {
  if (!link) {
    std::erase_if(shape, [](const std::string& key) { return key.starts_with("link_"); });
    return;
  }
  shape.insert({"link_connects", "link_drops"});
  if (link->rssi_dbm) shape.insert("link_rssi_dbm");
}

std::vector<Entity> entities_of(const Shape& shape) {
  std::vector<Entity> all;
  for (const auto& row : once)
    if (shape.contains(std::string(row.key)))
      all.push_back(entity(row, std::string(row.key), std::string(row.name), std::string(row.key)));
  for (int n = 1, most = highest(shape, "cell_", "_v"); n <= most; ++n)
    if (shape.contains(cell_key(n)))
      all.push_back(entity(cell, cell_key(n), numbered("Cell ", n, " voltage"), numbered("cells_v[", n - 1, "]")));
  for (int n = 1, most = highest(shape, "temp_", "_c"); n <= most; ++n)
    if (shape.contains(probe_key(n)))
      all.push_back(entity(probe, probe_key(n), numbered("Temperature ", n, ""), numbered("temps_c[", n - 1, "]")));
  for (const auto& row : alarm_rows)
    if (shape.contains("alarm_" + std::string(name(row.alarm)))) all.push_back(entity(row));
  add_alert_entities(shape, all);
  add_insight_entities(shape, all);
  return all;
}

}  // namespace cellwarden
