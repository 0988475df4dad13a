#pragma once
// The one place that turns the vocabulary into JSON and back. Every key is there, null for unknown; values are rounded
// to their resolution.
#include <nlohmann/json.hpp>

#include "protocols/battery.h"

namespace cellwarden {

nlohmann::json to_json(const Reading& reading);
nlohmann::json to_json(const Limits& limits);
nlohmann::json to_json(const Identity& identity);
nlohmann::json to_json(const std::optional<Energy>& energy);

/// Missing keys and null are unknown; a key of the wrong type throws nlohmann::json::exception.
Reading reading_from_json(const nlohmann::json& from);
Limits limits_from_json(const nlohmann::json& from);
Identity identity_from_json(const nlohmann::json& from);

/// A reading with what its cells say at once (cell_max_v, ...) and a switch per alarm (alarm_cell_overvoltage, ...)
/// beside it: the state topic.
nlohmann::json to_json_with_summary(const Reading& reading);

/// "2026-11-25T07:40:00.123Z" and back; empty when it is none.
std::string utc_text(UtcTime time);
std::optional<UtcTime> utc_from_text(const std::string& text);

}  // namespace cellwarden
