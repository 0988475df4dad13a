#include "daemon/alerts/alert_json.h"

#include <algorithm>
#include <cmath>

#include "protocols/battery_json.h"

namespace cellwarden {

namespace {

using Json = nlohmann::ordered_json;

/// Volts to the millivolt, all else to a tenth.
Json rounded(const Alert& alert) {
  if (!alert.value || !std::isfinite(*alert.value)) return nullptr;
  const double unit = alert.unit == "V" ? 1000 : 10, value = std::round(*alert.value * unit) / unit;
  return value == 0 ? 0.0 : value;
}
Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json to_json(const char* event_type, const Alert& alert) {
  return {{"event_type", event_type},
          {"alarm", name(alert.kind)},
          {"level", name(alert.level)},
          {"pack", alert.pack},
          {"cell", alert.cell ? Json(*alert.cell) : Json(nullptr)},
          {"value", rounded(alert)},
          {"unit", text_or_null(alert.unit)},
          {"since", alert.since ? Json(utc_text(*alert.since)) : Json(nullptr)},
          {"text", alert.text},
          {"advice", text_or_null(alert.advice)}};
}

std::string text_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? std::string() : found->get<std::string>();
}

}  // namespace

std::optional<AlertKind> kind_named(std::string_view of) {
  for (std::size_t i = 0; i < alarm_names.size() + own_alert_names.size(); ++i)
    if (name(static_cast<AlertKind>(i)) == of) return static_cast<AlertKind>(i);
  return std::nullopt;
}

std::optional<Level> level_named(std::string_view of) {
  const auto found = std::ranges::find(level_names, of);
  return found == level_names.end() ? std::nullopt : std::optional(static_cast<Level>(found - level_names.begin()));
}

Json to_json(const AlertEvent& event) { return to_json(event.raised ? "alarm_raised" : "alarm_cleared", event.alert); }

Json to_json(const std::vector<Alert>& standing) {
  Json list = Json::array();
  for (const auto& alert : standing) list.push_back(to_json("alarm_raised", alert));
  return list;
}

std::optional<Alert> alert_from_json(const Json& json) {
  try {
    Alert alert;
    const auto kind = kind_named(json.at("alarm").get<std::string>());
    const auto level = level_named(json.at("level").get<std::string>());
    if (!kind || !level) return std::nullopt;
    alert.kind = *kind;
    alert.level = *level;
    alert.pack = text_at(json, "pack");
    if (!json.at("cell").is_null()) alert.cell = json["cell"].get<int>();
    if (!json.at("value").is_null()) alert.value = json["value"].get<double>();
    alert.unit = text_at(json, "unit");
    if (!json.at("since").is_null()) alert.since = utc_from_text(json["since"].get<std::string>());
    alert.text = text_at(json, "text"), alert.advice = text_at(json, "advice");
    return alert;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace cellwarden
