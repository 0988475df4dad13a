#pragma once
// The thresholds of the alerts (cell-analytics 11): each has a key of its name in the config, and its default here.
#include <chrono>
#include <optional>
#include <string>

namespace cellwarden {

struct AlertSettings {
  using Hold = std::chrono::duration<double>;

  // The owner's own threshold; absent: none. It clears at 60 %.
  std::optional<double> cell_delta_mv;
  std::string cell_delta_where = "knee";  ///< knee (either end) | rest | any
  Hold cell_delta_hold{60};

  // Difference between the cells at the top while charging, as long as no cell is above top_max_v.
  double cell_delta_top_warn_mv = 50, cell_delta_top_warn_clear_mv = 30;
  double cell_delta_top_alarm_mv = 150, cell_delta_top_alarm_clear_mv = 80;
  std::optional<double> cell_delta_top_max_v;  ///< absent: by chemistry
  Hold cell_delta_top_warn_hold{60}, cell_delta_top_alarm_hold{30};
  Hold cell_delta_top_one_charge{300};  ///< a warning in one charge alone needs so long

  double cell_delta_radical_mv = 200, cell_delta_radical_clear_mv = 120;
  Hold cell_delta_radical_hold{30};
  double cell_delta_rest_mv = 30, cell_delta_rest_clear_mv = 20;
  Hold cell_delta_rest_hold{1800};
  double cell_delta_bottom_mv = 150, cell_delta_bottom_clear_mv = 80;
  Hold cell_delta_bottom_hold{60};

  double offset_top_warn_pct = 2, offset_top_warn_clear_pct = 1.5;
  double offset_top_alarm_pct = 5, offset_top_alarm_clear_pct = 4;

  // Distance to what the BMS cuts at.
  double cell_near_ovp_mv = 30, cell_near_ovp_clear_mv = 60;
  double cell_near_uvp_mv = 150, cell_near_uvp_clear_mv = 250;
  Hold cell_near_hold{5};

  double cut_by_bms_clear_mv = 30;  ///< margin of the charge (discharge) at which the warning ends
  double resistance_excess_pct = 35, resistance_clear_pct = 24.5;
  Hold limit_audit_hold{60}, pack_offline_at_start{60};

  bool operator==(const AlertSettings&) const = default;
};

/// One walk over the numbers and times by their keys; `cell_delta_where` is the only other one.
template <class A, class Visit>
void each_threshold(A& a, Visit&& visit) {
  visit("cell_delta_mv", a.cell_delta_mv), visit("cell_delta_hold", a.cell_delta_hold);
  visit("cell_delta_top_warn_mv", a.cell_delta_top_warn_mv);
  visit("cell_delta_top_warn_clear_mv", a.cell_delta_top_warn_clear_mv);
  visit("cell_delta_top_alarm_mv", a.cell_delta_top_alarm_mv);
  visit("cell_delta_top_alarm_clear_mv", a.cell_delta_top_alarm_clear_mv);
  visit("cell_delta_top_max_v", a.cell_delta_top_max_v);
  visit("cell_delta_top_warn_hold", a.cell_delta_top_warn_hold);
  visit("cell_delta_top_alarm_hold", a.cell_delta_top_alarm_hold);
  visit("cell_delta_top_one_charge", a.cell_delta_top_one_charge);
  visit("cell_delta_radical_mv", a.cell_delta_radical_mv);
  visit("cell_delta_radical_clear_mv", a.cell_delta_radical_clear_mv);
  visit("cell_delta_radical_hold", a.cell_delta_radical_hold);
  visit("cell_delta_rest_mv", a.cell_delta_rest_mv), visit("cell_delta_rest_clear_mv", a.cell_delta_rest_clear_mv);
  visit("cell_delta_rest_hold", a.cell_delta_rest_hold);
  visit("cell_delta_bottom_mv", a.cell_delta_bottom_mv);
  visit("cell_delta_bottom_clear_mv", a.cell_delta_bottom_clear_mv);
  visit("cell_delta_bottom_hold", a.cell_delta_bottom_hold);
  visit("offset_top_warn_pct", a.offset_top_warn_pct);
  visit("offset_top_warn_clear_pct", a.offset_top_warn_clear_pct);
  visit("offset_top_alarm_pct", a.offset_top_alarm_pct);
  visit("offset_top_alarm_clear_pct", a.offset_top_alarm_clear_pct);
  visit("cell_near_ovp_mv", a.cell_near_ovp_mv), visit("cell_near_ovp_clear_mv", a.cell_near_ovp_clear_mv);
  visit("cell_near_uvp_mv", a.cell_near_uvp_mv), visit("cell_near_uvp_clear_mv", a.cell_near_uvp_clear_mv);
  visit("cell_near_hold", a.cell_near_hold), visit("cut_by_bms_clear_mv", a.cut_by_bms_clear_mv);
  visit("resistance_excess_pct", a.resistance_excess_pct), visit("resistance_clear_pct", a.resistance_clear_pct);
  visit("limit_audit_hold", a.limit_audit_hold), visit("pack_offline_at_start", a.pack_offline_at_start);
}

}  // namespace cellwarden
