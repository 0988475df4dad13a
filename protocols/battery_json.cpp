#include "protocols/battery_json.h"

#include <algorithm>

#include <cmath>
#include <cstdio>

namespace cellwarden {

namespace {

using nlohmann::json;

/// Digits after the point, by what the name says it is.
int digits(std::string_view key) {
  if (key.ends_with("_c") || key.ends_with("_pct") || key.ends_with("_w") || key.ends_with("_mv")) return 1;
  if (key.ends_with("_kwh")) return 3;
  const bool of_a_cell = key.starts_with("cell") || key.starts_with("balance_") || key.starts_with("soc_");
  return of_a_cell && key.ends_with("_v") ? 3 : 2;
}

json number(std::string_view key, double value) {
  if (!std::isfinite(value)) return nullptr;
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits(key), value);
  const double rounded = std::strtod(text, nullptr);
  return rounded == 0 ? 0.0 : rounded;  // never -0.0
}

json value_of(std::string_view key, double value) { return number(key, value); }
json value_of(std::string_view, int value) { return value; }
json value_of(std::string_view, bool value) { return value; }
json value_of(std::string_view, const std::string& value) { return value; }
json value_of(std::string_view, UtcTime value) { return utc_text(value); }
json value_of(std::string_view, Alarm value) { return std::string(name(value)); }
template <class T>
json value_of(std::string_view key, const std::vector<T>& list);
template <class T>
json value_of(std::string_view key, const std::optional<T>& value) {
  return value ? value_of(key, *value) : json(nullptr);
}
template <class T>
json value_of(std::string_view key, const std::vector<T>& list) {
  json array = json::array();
  for (const auto& element : list) array.push_back(value_of(key, element));
  return array;
}

template <class T>
void take(const json& from, T& into) {
  from.get_to(into);
}
[[noreturn]] void refuse(const json& from, const char* what) { throw json::type_error::create(302, what, &from); }
// nlohmann makes an int of 3.7 and of true.
void take(const json& from, int& into) {
  if (!from.is_number_integer()) refuse(from, "not a whole number");
  from.get_to(into);
}
void take(const json& from, UtcTime& into) {
  const auto time = utc_from_text(from.get<std::string>());
  if (!time) refuse(from, "not a time");
  into = *time;
}
void take(const json& from, Alarm& into) {
  const auto text = from.get<std::string>();
  into = Alarm::other;
  for (std::size_t i = 0; i < alarm_names.size(); ++i) {
    if (alarm_names[i] == text) into = static_cast<Alarm>(i);
  }
}
template <class T>
void take(const json& from, std::vector<T>& into);
template <class T>
void take(const json& from, std::optional<T>& into) {
  if (!from.is_null()) take(from, into.emplace());
}
template <class T>
void take(const json& from, std::vector<T>& into) {
  if (!from.is_array()) refuse(from, "not a list");
  into.clear();
  for (const auto& element : from) take(element, into.emplace_back());
}

template <class T>
json object(const T& from) {
  json made = json::object();
  each_member(from, [&](std::string_view key, const auto& member) { made[std::string(key)] = value_of(key, member); });
  return made;
}
template <class T>
T members(const json& from) {
  if (!from.is_object()) refuse(from, "not an object");
  T made;
  each_member(made, [&](std::string_view key, auto& member) {
    const auto found = from.find(key);
    if (found != from.end() && !found->is_null()) take(*found, member);
  });
  return made;
}

}  // namespace

json to_json(const Reading& reading) { return object(reading); }
json to_json(const Limits& limits) { return object(limits); }
json to_json(const Identity& identity) { return object(identity); }
json to_json(const std::optional<Energy>& energy) {
  json made = object(energy.value_or(Energy{}));
  if (!energy) {
    for (auto& value : made) value = nullptr;
  }
  return made;
}
Reading reading_from_json(const json& from) { return members<Reading>(from); }
Limits limits_from_json(const json& from) { return members<Limits>(from); }
Identity identity_from_json(const json& from) { return members<Identity>(from); }

json to_json_with_summary(const Reading& reading) {
  json state = to_json(reading);
  const auto cells = summarise(reading.cells_v);
  const auto add = [&](const char* key, auto member) {
    state[key] = cells ? value_of(key, (*cells).*member) : json(nullptr);
  };
  add("cell_max_v", &CellSummary::cell_max_v), add("cell_max_n", &CellSummary::cell_max_n);
  add("cell_min_v", &CellSummary::cell_min_v), add("cell_min_n", &CellSummary::cell_min_n);
  add("cell_avg_v", &CellSummary::cell_avg_v), add("cell_delta_mv", &CellSummary::cell_delta_mv);
  for (std::size_t i = 0; i < alarm_names.size(); ++i) {
    json& stands = state["alarm_" + std::string(alarm_names[i])];
    if (reading.alarms) stands = std::ranges::find(*reading.alarms, static_cast<Alarm>(i)) != reading.alarms->end();
  }
  return state;
}

std::string utc_text(UtcTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

std::optional<UtcTime> utc_from_text(const std::string& text) {
  int year = 0, hour = 0, minute = 0, second = 0, milli = 0;
  unsigned month = 0, day = 0;
  if (std::sscanf(text.c_str(), "%d-%u-%uT%d:%d:%d.%dZ", &year, &month, &day, &hour, &minute, &second, &milli) != 7) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  const UtcTime time = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                       std::chrono::seconds(second) + std::chrono::milliseconds(milli);
  if (utc_text(time) != text) return std::nullopt;  // 07:61 is no moment
  return time;
}

}  // namespace cellwarden
