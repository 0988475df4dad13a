#pragma once
// The one vocabulary of the program (design: one name per quantity, everywhere). SI-like units in the suffix.
// Current and power are positive when charging. Cells and sensors count from 1 at the most negative; lists hold
// cell 1 first. What is unknown is absent, never 0.
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cellwarden {

using UtcTime = std::chrono::sys_time<std::chrono::milliseconds>;

enum class Alarm {
  cell_overvoltage,
  cell_undervoltage,
  pack_overvoltage,
  pack_undervoltage,
  charge_overcurrent,
  discharge_overcurrent,
  short_circuit,
  charge_overtemperature,
  charge_undertemperature,
  discharge_overtemperature,
  discharge_undertemperature,
  mos_overtemperature,
  cell_difference,
  temperature_difference,
  soc_low,
  sensor_fault,
  mos_fault,
  internal_fault,
  other
};

inline constexpr std::array<std::string_view, 19> alarm_names = {"cell_overvoltage",
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

constexpr std::string_view name(Alarm alarm) { return alarm_names[static_cast<std::size_t>(alarm)]; }

/// What a pack said at one moment. Whole, or it does not exist: parts of two polls are never mixed.
struct Reading {
  std::optional<UtcTime> taken_at;  ///< arrival of the last byte, UTC
  double steady_s = 0;              ///< the same moment on the monotonic clock; not published

  std::vector<std::optional<double>> cells_v;
  std::optional<double> pack_v, current_a, power_w, soc_pct, soh_pct, remaining_ah, full_ah;
  std::optional<int> cycles;
  std::vector<std::optional<double>> temps_c;  ///< an absent probe is empty
  std::optional<double> mos_temp_c;
  std::optional<bool> charge_on, discharge_on, balancing;
  std::optional<std::vector<int>> balancing_cells;
  std::optional<double> balance_current_a;
  std::optional<std::vector<Alarm>> alarms;    ///< protections that act now
  std::optional<std::vector<Alarm>> warnings;  ///< level-1 warnings
  std::optional<std::string> alarm_raw;        ///< the BMS's own words, hex
  std::vector<std::string> derived;            ///< names of values worked out here, not sent by the BMS

  bool operator==(const Reading&) const = default;
};

/// What the BMS itself will cut at. Every `*_a` is a positive magnitude.
struct Limits {
  std::optional<double> cell_ovp_v, cell_ovp_release_v, cell_uvp_v, cell_uvp_release_v, pack_ovp_v, pack_ovp_release_v,
      pack_uvp_v, pack_uvp_release_v, charge_ocp_a, discharge_ocp_a, charge_otp_c, charge_utp_c, discharge_otp_c,
      discharge_utp_c, mos_otp_c, balance_start_v, balance_delta_v, balance_current_max_a, capacity_ah;
  std::optional<int> cell_count;
  std::optional<double> soc_full_cell_v, soc_empty_cell_v, requested_charge_v, requested_float_v;
  std::optional<std::string> chemistry;

  bool operator==(const Limits&) const = default;
};

/// What has gone into a pack and come out of it, as counted here over restarts. Never runs backwards.
struct Energy {
  double charged_kwh = 0, discharged_kwh = 0;

  bool operator==(const Energy&) const = default;
};

/// Who the BMS is. Passcodes are dropped at the codec.
struct Identity {
  std::optional<std::string> brand, protocol, model, serial, hardware, software, manufactured;

  bool operator==(const Identity&) const = default;
};

// One walk over the members by name: JSON, tables and merging all use it, so a name is written once.
template <class R, class Visit>
void each_member(R& r, Visit&& visit, const Reading*) {
  visit("taken_at", r.taken_at), visit("cells_v", r.cells_v), visit("pack_v", r.pack_v);
  visit("current_a", r.current_a), visit("power_w", r.power_w), visit("soc_pct", r.soc_pct);
  visit("soh_pct", r.soh_pct), visit("remaining_ah", r.remaining_ah), visit("full_ah", r.full_ah);
  visit("cycles", r.cycles), visit("temps_c", r.temps_c), visit("mos_temp_c", r.mos_temp_c);
  visit("charge_on", r.charge_on), visit("discharge_on", r.discharge_on), visit("balancing", r.balancing);
  visit("balancing_cells", r.balancing_cells), visit("balance_current_a", r.balance_current_a);
  visit("alarms", r.alarms), visit("warnings", r.warnings), visit("alarm_raw", r.alarm_raw);
  visit("derived", r.derived);
}
template <class L, class Visit>
void each_member(L& l, Visit&& visit, const Limits*) {
  visit("cell_ovp_v", l.cell_ovp_v), visit("cell_ovp_release_v", l.cell_ovp_release_v);
  visit("cell_uvp_v", l.cell_uvp_v), visit("cell_uvp_release_v", l.cell_uvp_release_v);
  visit("pack_ovp_v", l.pack_ovp_v), visit("pack_ovp_release_v", l.pack_ovp_release_v);
  visit("pack_uvp_v", l.pack_uvp_v), visit("pack_uvp_release_v", l.pack_uvp_release_v);
  visit("charge_ocp_a", l.charge_ocp_a), visit("discharge_ocp_a", l.discharge_ocp_a);
  visit("charge_otp_c", l.charge_otp_c), visit("charge_utp_c", l.charge_utp_c);
  visit("discharge_otp_c", l.discharge_otp_c), visit("discharge_utp_c", l.discharge_utp_c);
  visit("mos_otp_c", l.mos_otp_c), visit("balance_start_v", l.balance_start_v);
  visit("balance_delta_v", l.balance_delta_v), visit("balance_current_max_a", l.balance_current_max_a);
  visit("capacity_ah", l.capacity_ah), visit("cell_count", l.cell_count);
  visit("soc_full_cell_v", l.soc_full_cell_v), visit("soc_empty_cell_v", l.soc_empty_cell_v);
  visit("requested_charge_v", l.requested_charge_v), visit("requested_float_v", l.requested_float_v);
  visit("chemistry", l.chemistry);
}
template <class I, class Visit>
void each_member(I& i, Visit&& visit, const Identity*) {
  visit("brand", i.brand), visit("protocol", i.protocol), visit("model", i.model), visit("serial", i.serial);
  visit("hardware", i.hardware), visit("software", i.software), visit("manufactured", i.manufactured);
}
template <class E, class Visit>
void each_member(E& e, Visit&& visit, const Energy*) {
  visit("charged_kwh", e.charged_kwh), visit("discharged_kwh", e.discharged_kwh);
}
template <class T, class Visit>
void each_member(T& value, Visit&& visit) {
  each_member(value, visit, static_cast<const std::remove_const_t<T>*>(nullptr));
}

/// Takes over every member of `news` that is known; what `news` does not know stays.
template <class T>
void merge(T& into, const T& news) {
  std::vector<const void*> members;
  each_member(news, [&](std::string_view, const auto& member) { members.push_back(&member); });
  std::size_t at = 0;
  each_member(into, [&]<class M>(std::string_view, M& member) {
    const auto& other = *static_cast<const M*>(members[at++]);
    if constexpr (requires { other.has_value(); }) {
      if (other.has_value()) member = other;
    } else if (!other.empty()) {
      member = other;
    }
  });
}

/// What every reading of cells says at once. Empty where no cell is known.
struct CellSummary {
  double cell_max_v, cell_min_v, cell_avg_v, cell_delta_mv;
  int cell_max_n, cell_min_n;
};

inline std::optional<CellSummary> summarise(const std::vector<std::optional<double>>& cells_v) {
  CellSummary all{0, 0, 0, 0, 0, 0};
  double sum = 0;
  int known = 0;
  for (std::size_t i = 0; i < cells_v.size(); ++i) {
    if (!cells_v[i]) continue;
    const double v = *cells_v[i];
    const int n = static_cast<int>(i) + 1;
    if (known == 0 || v > all.cell_max_v) all.cell_max_v = v, all.cell_max_n = n;
    if (known == 0 || v < all.cell_min_v) all.cell_min_v = v, all.cell_min_n = n;
    sum += v;
    ++known;
  }
  if (known == 0) return std::nullopt;
  all.cell_avg_v = sum / known;
  all.cell_delta_mv = (all.cell_max_v - all.cell_min_v) * 1000;
  return all;
}

}  // namespace cellwarden
