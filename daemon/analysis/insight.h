#pragma once
// What the analysis knows of one pack: the outputs of cell-analytics 18, flat, each a value or absent, with a
// confidence and, where absent or doubtful, the reason. Lists hold cell 1 first.
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cellwarden {

/// Why a value is absent, or why it deserves less trust.
enum class Reason {
  none,
  no_readings,
  top_never_seen,
  bottom_never_seen,
  lower_bound,
  gap,
  no_capacity,
  no_current,
  tie,
  no_current_steps,
  gate_not_met,
  too_few_points,
  series_break,
  charger_voltage_unknown,
  ovp_unknown,
  lvc_unknown,
  uvp_unknown,
  chemistry_unknown,
  too_unbalanced,
  not_charging,
  not_discharging,
  balance_current_unknown,
  drift_exceeds_balancer,
  never_above_start,
  balancing,
  temperature,
  stale,
  bad_cells,
  sum_mismatch,
  too_many_cells
};

inline constexpr std::array<std::string_view, 30> reason_names = {"",
                                                                  "no_readings",
                                                                  "top_never_seen",
                                                                  "bottom_never_seen",
                                                                  "lower_bound",
                                                                  "gap",
                                                                  "no_capacity",
                                                                  "no_current",
                                                                  "tie",
                                                                  "no_current_steps",
                                                                  "gate_not_met",
                                                                  "too_few_points",
                                                                  "series_break",
                                                                  "charger_voltage_unknown",
                                                                  "ovp_unknown",
                                                                  "lvc_unknown",
                                                                  "uvp_unknown",
                                                                  "chemistry_unknown",
                                                                  "too_unbalanced",
                                                                  "not_charging",
                                                                  "not_discharging",
                                                                  "balance_current_unknown",
                                                                  "drift_exceeds_balancer",
                                                                  "never_above_start",
                                                                  "balancing",
                                                                  "temperature",
                                                                  "stale",
                                                                  "bad_cells",
                                                                  "sum_mismatch",
                                                                  "too_many_cells"};
constexpr std::string_view name(Reason reason) { return reason_names[static_cast<std::size_t>(reason)]; }

enum class ChargeVerdict { bms, charger, marginal };
enum class DischargeVerdict { bms, load, marginal };
enum class BalanceState { top, bottom, both, neither, top_unknown_bottom };
enum class TopBalanceQuality { good, fair, poor };
enum class BalanceKind { top, bottom };
enum class PackClass { balanced, offset, mismatch, resistance, offset_or_mismatch };

constexpr std::string_view name(ChargeVerdict v) {
  return std::array<std::string_view, 3>{"bms", "charger", "marginal"}[static_cast<std::size_t>(v)];
}
constexpr std::string_view name(DischargeVerdict v) {
  return std::array<std::string_view, 3>{"bms", "load", "marginal"}[static_cast<std::size_t>(v)];
}
constexpr std::string_view name(BalanceState s) {
  return std::array<std::string_view, 5>{"top", "bottom", "both", "neither",
                                         "top_unknown_bottom"}[static_cast<std::size_t>(s)];
}
constexpr std::string_view name(TopBalanceQuality q) {
  return std::array<std::string_view, 3>{"good", "fair", "poor"}[static_cast<std::size_t>(q)];
}
constexpr std::string_view name(BalanceKind k) { return k == BalanceKind::top ? "top" : "bottom"; }
constexpr std::string_view name(PackClass c) {
  return std::array<std::string_view, 5>{"balanced", "offset", "mismatch", "resistance",
                                         "offset_or_mismatch"}[static_cast<std::size_t>(c)];
}

template <class T>
struct Output {
  std::optional<T> value;
  double confidence = 0;
  Reason reason = Reason::no_readings;

  static Output known(T value, double confidence = 1, Reason doubt = Reason::none) {
    return {value, confidence, doubt};
  }
  static Output unknown(Reason why) { return {std::nullopt, 0, why}; }
  bool operator==(const Output&) const = default;
};

/// One output per cell. Empty while the pack has not been heard.
template <class T>
using PerCell = std::vector<Output<T>>;

struct Insight {
  // The top: Ah a cell still needs when the first is full. `src`: 2 crossed in the knee, 1 crossed below it, 3 aligned
  // curves, 4 remembered, -1 a lower bound only (then `at_least` holds it and the others are absent).
  PerCell<double> offset_top_ah, offset_top_pct, offset_top_at_least_ah;
  PerCell<int> offset_top_src;
  Output<double> offset_top_spread_pct;
  Output<int> first_full_cell;

  // The bottom: Ah a cell still holds when the first is empty. `src`: 1 crossed, 0 rough.
  PerCell<double> offset_bottom_ah;
  PerCell<int> offset_bottom_src;
  Output<int> first_empty_cell;

  Output<int> weakest_cell;
  Output<double> usable_ah, effective_pct, loss_imbalance_ah, loss_mismatch_ah, balanced_capacity_ah, mismatch_pct;
  PerCell<double> capacity_ah, inaccessible_top_ah, inaccessible_bottom_ah;

  Output<BalanceState> balance_state;
  Output<PackClass> pack_class;  ///< "class"
  Output<std::vector<PackClass>> class_flags;

  PerCell<double> r_mohm, r_excess_pct;
  Output<double> delta_top_mv, delta_top_at_v, delta_rest_mv, delta_bottom_mv, delta_mid_mv;

  Output<ChargeVerdict> charge_verdict;
  Output<double> charge_margin_mv, v_pack_at_first_cell_limit, minutes_to_stop;
  Output<DischargeVerdict> discharge_verdict;
  Output<double> discharge_margin_mv, v_pack_at_first_cell_empty, minutes_to_empty;
  Output<double> recommended_charge_v, recommended_lvc_v;
  Output<double> top_balance_voltage, bottom_balance_voltage;  ///< per cell

  // Over days (cell-analytics 12). Up: the cell loses charge against the others.
  PerCell<double> drift_pp_day, days_to_alarm, equivalent_leak_ma;
  PerCell<double> drift_measured_days_ago;  ///< the newest crossing behind those three
  PerCell<bool> drift_significant, drift_suspect;
  Output<bool> need_full_charge;

  // Time to balance (15): the middle and the range it is believed in.
  Output<double> balance_days, balance_days_least, balance_days_most;
  Output<bool> balance_never;
  PerCell<double> tau_h_day;
  Output<bool> balancer_on_plateau, balancer_at_high_current, balancer_conflict;

  // Advice on balancing (16).
  Output<bool> top_balance, let_bms_balance, equalise_first;
  Output<double> equalise_hours;
  Output<TopBalanceQuality> top_balance_quality;
  Output<BalanceKind> suggested_balance_kind;
  Output<bool> capacity_test_valid;
  PerCell<double> rest_drop_mv;

  std::vector<std::string> limit_audit;  ///< a sentence per setting that contradicts another; empty: none
  std::string advice;                    ///< one sentence, empty: nothing to do
};

/// One walk over the outputs by their published names.
template <class I, class Visit>
void each_output(I& i, Visit&& visit) {
  visit("offset_top_ah", i.offset_top_ah), visit("offset_top_pct", i.offset_top_pct);
  visit("offset_top_at_least_ah", i.offset_top_at_least_ah), visit("offset_top_src", i.offset_top_src);
  visit("offset_top_spread_pct", i.offset_top_spread_pct), visit("first_full_cell", i.first_full_cell);
  visit("offset_bottom_ah", i.offset_bottom_ah), visit("offset_bottom_src", i.offset_bottom_src);
  visit("first_empty_cell", i.first_empty_cell), visit("weakest_cell", i.weakest_cell);
  visit("usable_ah", i.usable_ah), visit("effective_pct", i.effective_pct);
  visit("loss_imbalance_ah", i.loss_imbalance_ah), visit("loss_mismatch_ah", i.loss_mismatch_ah);
  visit("balanced_capacity_ah", i.balanced_capacity_ah), visit("mismatch_pct", i.mismatch_pct);
  visit("capacity_ah", i.capacity_ah), visit("inaccessible_top_ah", i.inaccessible_top_ah);
  visit("inaccessible_bottom_ah", i.inaccessible_bottom_ah), visit("balance_state", i.balance_state);
  visit("class", i.pack_class), visit("class_flags", i.class_flags);
  visit("r_mohm", i.r_mohm), visit("r_excess_pct", i.r_excess_pct);
  visit("delta_top_mv", i.delta_top_mv), visit("delta_top_at_v", i.delta_top_at_v);
  visit("delta_rest_mv", i.delta_rest_mv), visit("delta_bottom_mv", i.delta_bottom_mv);
  visit("delta_mid_mv", i.delta_mid_mv), visit("charge_verdict", i.charge_verdict);
  visit("charge_margin_mv", i.charge_margin_mv), visit("v_pack_at_first_cell_limit", i.v_pack_at_first_cell_limit);
  visit("minutes_to_stop", i.minutes_to_stop), visit("discharge_verdict", i.discharge_verdict);
  visit("discharge_margin_mv", i.discharge_margin_mv),
      visit("v_pack_at_first_cell_empty", i.v_pack_at_first_cell_empty);
  visit("minutes_to_empty", i.minutes_to_empty), visit("recommended_charge_v", i.recommended_charge_v);
  visit("recommended_lvc_v", i.recommended_lvc_v), visit("top_balance_voltage", i.top_balance_voltage);
  visit("bottom_balance_voltage", i.bottom_balance_voltage);
  visit("drift_pp_day", i.drift_pp_day), visit("drift_significant", i.drift_significant);
  visit("drift_suspect", i.drift_suspect), visit("drift_measured_days_ago", i.drift_measured_days_ago),
      visit("days_to_alarm", i.days_to_alarm);
  visit("equivalent_leak_ma", i.equivalent_leak_ma), visit("need_full_charge", i.need_full_charge);
  visit("balance_days", i.balance_days), visit("balance_days_least", i.balance_days_least);
  visit("balance_days_most", i.balance_days_most), visit("balance_never", i.balance_never);
  visit("tau_h_day", i.tau_h_day), visit("balancer_on_plateau", i.balancer_on_plateau);
  visit("balancer_at_high_current", i.balancer_at_high_current), visit("balancer_conflict", i.balancer_conflict);
  visit("top_balance", i.top_balance), visit("let_bms_balance", i.let_bms_balance);
  visit("equalise_first", i.equalise_first), visit("equalise_hours", i.equalise_hours);
  visit("top_balance_quality", i.top_balance_quality), visit("suggested_balance_kind", i.suggested_balance_kind);
  visit("capacity_test_valid", i.capacity_test_valid), visit("rest_drop_mv", i.rest_drop_mv);
}

}  // namespace cellwarden
