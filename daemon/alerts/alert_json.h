#pragma once
// {event_type, alarm, level, pack, cell, value, unit, since, text, advice} (design 7).
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "daemon/alerts/alert.h"

namespace cellwarden {

nlohmann::ordered_json to_json(const AlertEvent& event);
/// A list of what stands.
nlohmann::ordered_json to_json(const std::vector<Alert>& standing);
/// Empty when it is none.
std::optional<Alert> alert_from_json(const nlohmann::ordered_json& json);
std::optional<AlertKind> kind_named(std::string_view name);
std::optional<Level> level_named(std::string_view name);

}  // namespace cellwarden
