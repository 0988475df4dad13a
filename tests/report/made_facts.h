#pragma once
// Facts by hand: four LFP cells of 100 Ah, cell 2 full first, cell 4 furthest behind.
#include "daemon/report/facts.h"

namespace cellwarden::test {

inline const std::chrono::sys_days first_day = std::chrono::year(2026) / 1 / 1;

inline std::chrono::sys_days day(int n) { return first_day + std::chrono::days(n); }

template <class T>
PerCell<T> known_cells(std::initializer_list<T> values) {
  PerCell<T> cells;
  for (const T value : values) cells.push_back(Output<T>::known(value));
  return cells;
}

/// A day on which the pack was full, as far as its offsets are given.
inline DayPoint a_day(int n, std::vector<double> offset_pct, std::vector<double> r_mohm = {0.5, 0.5, 0.5, 0.5}) {
  DayPoint point{.day = day(n), .charged_ah = 50, .discharged_ah = 48, .charges = 1};
  point.offset_pct = std::move(offset_pct), point.r_mohm = std::move(r_mohm);
  return point;
}

inline report::Facts made_facts() {
  report::Facts facts;
  facts.id = "cabin", facts.name = "Cabin";
  facts.as_of = day(60) + std::chrono::hours(12);
  facts.settings.chemistry = "lfp", facts.settings.capacity_ah = 100;
  facts.limits.cell_ovp_v = 3.65, facts.limits.cell_uvp_v = 2.5;
  Insight& i = facts.insight;
  i.offset_top_ah = known_cells({1.0, 0.0, 2.0, 8.0});
  i.offset_top_at_least_ah.resize(4);
  i.first_full_cell = Output<int>::known(2);
  i.offset_top_spread_pct = Output<double>::known(8.0);
  i.first_empty_cell = Output<int>::unknown(Reason::bottom_never_seen);
  i.offset_bottom_ah.resize(4);
  i.charge_verdict = Output<ChargeVerdict>::known(ChargeVerdict::bms, 0.5);
  i.v_pack_at_first_cell_limit = Output<double>::known(13.9);
  i.discharge_verdict = Output<DischargeVerdict>::unknown(Reason::bottom_never_seen);
  i.usable_ah = Output<double>::unknown(Reason::bottom_never_seen);
  i.recommended_charge_v = Output<double>::known(13.7);
  i.advice = "Set the charger to 13.7 V.";
  return facts;
}

}  // namespace cellwarden::test
