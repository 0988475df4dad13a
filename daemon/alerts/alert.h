#pragma once
// What the owner is told of a pack: one alert per pack, kind and cell, raised once and cleared once.
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/battery.h"

namespace cellwarden {

/// First the BMS's own alarms in the order of `Alarm`, then what is worked out here.
enum class AlertKind {
  cell_delta = static_cast<int>(alarm_names.size()),
  cell_delta_top,
  cell_delta_radical,
  cell_delta_rest,
  cell_delta_bottom,
  offset_top,
  cell_near_ovp,
  cell_near_uvp,
  charge_cut_by_bms,
  discharge_cut_by_bms,
  resistance,
  drift,
  drift_suspect,
  pack_offline,
  implausible_cell,
  limit_audit,
  need_full_charge
};
inline constexpr std::array<std::string_view, 17> own_alert_names = {
    "cell_delta",    "cell_delta_top", "cell_delta_radical", "cell_delta_rest",      "cell_delta_bottom", "offset_top",
    "cell_near_ovp", "cell_near_uvp",  "charge_cut_by_bms",  "discharge_cut_by_bms", "resistance",        "drift",
    "drift_suspect", "pack_offline",   "implausible_cell",   "limit_audit",          "need_full_charge"};
constexpr AlertKind kind_of(Alarm alarm) { return static_cast<AlertKind>(alarm); }
constexpr std::string_view name(AlertKind kind) {
  const auto at = static_cast<std::size_t>(kind);
  return at < alarm_names.size() ? alarm_names[at] : own_alert_names[at - alarm_names.size()];
}

enum class Level { info, warn, alarm };
inline constexpr std::array<std::string_view, 3> level_names = {"info", "warn", "alarm"};
constexpr std::string_view name(Level level) { return level_names[static_cast<std::size_t>(level)]; }

struct Alert {
  AlertKind kind{};
  Level level{};
  std::string pack;
  std::optional<int> cell;
  std::optional<double> value;
  std::string unit;  ///< empty: the value has none, or there is no value
  std::optional<UtcTime> since;
  std::string text, advice;  ///< under 255 characters each
  bool operator==(const Alert&) const = default;
};

/// An alert came, rose to a higher level, or went.
struct AlertEvent {
  bool raised = true;
  Alert alert;
};

}  // namespace cellwarden
