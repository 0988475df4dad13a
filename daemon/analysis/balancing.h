#pragma once
// What the balancer really does, day by day (cell-analytics 15): how long which cell is drained, where and at what
// current it works, and what comes of it. Nothing here is assumed of it.
#include "daemon/analysis/cells.h"
#include "protocols/battery.h"

namespace cellwarden {

struct Terms;
struct Offsets;

struct Balancing {
  static constexpr std::size_t most_charges = 16;

  int days = 0;          ///< closed ones
  Cells tau_h{};         ///< hours a day in which a cell is drained; moving mean over days
  double tau_any_h = 0;  ///< in which any is
  Cells today_s{};       ///< of the day that runs
  double today_any_s = 0, day_began_s = absent;
  double current_a = absent;                                ///< as the BMS measured it; moving mean
  double plateau_s = 0, plateau_seen_s = absent;            ///< balancing with every cell on the plateau
  double high_current_s = 0, high_current_seen_s = absent;  ///< balancing while much current flows
  double seen_s = absent;                                   ///< balancing at all, last
  // What came of it: how far apart the cells were at the end of charges, a day apart.
  int charges = 0;
  std::array<double, most_charges> at_day{}, spread_ah{};

  /// One usable reading. `v`: smoothed cells; `now_s` on the analysis's own clock.
  void update(const Terms& terms, const Reading& reading, std::span<const double> v, double pack_a, double dt_s,
              double now_s);
  /// A charge told every offset: the spread, once a day.
  void learn(const Offsets& top);
  /// Ah a day by which the spread fell, from five charges on; absent before.
  double fall_ah_day() const;

  template <class Visit>
  void each_field(Visit&& visit) {
    visit(days), visit(tau_any_h), visit(today_any_s), visit(day_began_s), visit(current_a), visit(plateau_s);
    visit(plateau_seen_s), visit(high_current_s), visit(high_current_seen_s), visit(seen_s), visit(charges);
    for (auto& tau : tau_h) visit(tau);
    for (auto& seconds : today_s) visit(seconds);
    for (auto& day : at_day) visit(day);
    for (auto& spread : spread_ah) visit(spread);
  }

 private:
  void close_day(double now_s);
};

}  // namespace cellwarden
