#include "daemon/banks/bank_json.h"

#include <cmath>

#include "protocols/battery_json.h"

namespace cellwarden {

namespace {

using nlohmann::json;

/// Digits after the point, as for a pack's.
int digits(std::string_view key) {
  if (key.ends_with("_pct") || key.ends_with("_w") || key.ends_with("_mv") || key.starts_with("minutes")) return 1;
  return key.starts_with("cell_") ? 3 : 2;
}

template <class T>
json value_of(std::string_view, const T& value) {
  return value;
}
json value_of(std::string_view key, double value) {
  if (!std::isfinite(value)) return nullptr;
  const double unit = std::pow(10, digits(key)), rounded = std::round(value * unit) / unit;
  return rounded == 0 ? 0.0 : rounded;  // never -0.0
}
json value_of(std::string_view, UtcTime value) { return utc_text(value); }
json value_of(std::string_view, ChargeVerdict value) { return name(value); }
template <class T>
json value_of(std::string_view key, const std::optional<T>& value) {
  return value ? value_of(key, *value) : json(nullptr);
}

template <class T>
void take(const json& from, T& into) {
  from.get_to(into);
}
void take(const json& from, UtcTime& into) {
  if (const auto time = utc_from_text(from.get<std::string>())) into = *time;
}
void take(const json& from, ChargeVerdict& into) {
  const auto text = from.get<std::string>();
  for (const auto verdict : {ChargeVerdict::bms, ChargeVerdict::charger, ChargeVerdict::marginal}) {
    if (name(verdict) == text) into = verdict;
  }
}
template <class T>
void take(const json& from, std::optional<T>& into) {
  if (!from.is_null()) take(from, into.emplace());
}

}  // namespace

json to_json(const BankState& bank) {
  json made = {{"joined", name(bank.joined)}, {"reason", bank.reason}};
  each_member(bank, [&](std::string_view key, const auto& value) { made[std::string(key)] = value_of(key, value); });
  return made;
}

bool is_bank(const json& state) { return state.is_object() && state.contains("joined"); }

BankState bank_from_json(const json& state) {
  BankState bank;
  bank.joined = state.at("joined") == name(Joined::series) ? Joined::series : Joined::parallel;
  each_member(bank, [&](std::string_view key, auto& value) {
    const auto found = state.find(key);
    if (found != state.end()) take(*found, value);
  });
  return bank;
}

}  // namespace cellwarden
