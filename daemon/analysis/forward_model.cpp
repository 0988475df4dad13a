#include "daemon/analysis/forward_model.h"

namespace cellwarden {

namespace {

constexpr double step_share = 0.0002, slow_polarisation = 1.35;
constexpr int most_steps = 4000;

/// SoC at which the table is read: only the ends of the curve are stretched.
double stretched(double soc, const PackAtStart& pack) {
  if (soc > 0.95) return 1 - (1 - soc) * (1 + (pack.kappa_top - 1) * std::clamp((soc - 0.95) / 0.03, 0.0, 1.0));
  if (soc < 0.10) return soc * (1 + (pack.kappa_bottom - 1) * std::clamp((0.10 - soc) / 0.05, 0.0, 1.0));
  return soc;
}

struct Pack {
  PackAtStart& at;
  double direction;  ///< +1 charging
  double emf = 0, ohms = 0;
  Cells e{};

  void read() {
    emf = 0;
    for (std::size_t i = 0; i < at.cells; ++i) {
      e[i] = at.chemistry->curve.volts(stretched(at.soc[i], at)) + direction * at.chemistry->hysteresis_v;
      emf += e[i];
    }
  }
  void move(double ah) {
    for (std::size_t i = 0; i < at.cells; ++i) at.soc[i] += ah / at.capacity_ah;
  }
  double cell_v(std::size_t i, double current_a) const { return e[i] + slow_polarisation * at.ohm[i] * current_a; }
};

Pack prepared(PackAtStart& at, double direction) {
  Pack pack{at, direction};
  for (std::size_t i = 0; i < at.cells; ++i) pack.ohms += slow_polarisation * at.ohm[i];
  return pack;
}

}  // namespace

ChargeForecast forecast_charge(PackAtStart start, const ChargePlan& plan) {
  ChargeForecast found;
  Pack pack = prepared(start, +1);
  const double step_ah = step_share * start.capacity_ah;
  double minutes = 0, in_cv_s = 0;
  for (int step = 0; step < most_steps; ++step) {
    pack.read();
    const double held = known(plan.set_v) ? (plan.set_v - pack.emf) / (pack.ohms + plan.cable_ohm) : plan.current_a;
    const bool in_cv = held < plan.current_a;
    const double current = std::min(held, plan.current_a);
    if (in_cv && (current < plan.tail_a || current <= 0 || in_cv_s > plan.absorption_s)) {
      found.minutes_to_end = minutes;
      // The charge may have begun beyond what the charger holds.
      if (found.peak_v > 0) return found;
    }
    double pack_v = 0, highest = 0;
    std::size_t cell = 0;
    for (std::size_t i = 0; i < start.cells; ++i) {
      const double v = pack.cell_v(i, std::max(current, 0.0));
      pack_v += v;
      if (v > highest) highest = v, cell = i;
    }
    highest += start.bias_v;
    if (highest > found.peak_v) found.peak_v = highest, found.peak_cell = cell;
    found.peak_pack_v = std::max(found.peak_pack_v, pack_v);
    const bool over = highest >= plan.cell_ovp_v || pack_v >= plan.pack_ovp_v;
    if (over && !known(found.minutes_to_limit)) found.minutes_to_limit = minutes, found.pack_v_at_limit = pack_v;
    if (known(found.minutes_to_end)) return found;
    if (!known(plan.set_v) && (over || !known(plan.cell_ovp_v))) return found;
    if (start.soc[cell] > 1.2) return found;
    const double dt_s = step_ah / current * 3600;
    minutes += dt_s / 60;
    if (in_cv) in_cv_s += dt_s;
    pack.move(step_ah);
  }
  return found;
}

DischargeForecast forecast_discharge(PackAtStart start, const DischargePlan& plan) {
  DischargeForecast found;
  Pack pack = prepared(start, -1);
  const double step_ah = step_share * start.capacity_ah, step_minutes = step_ah / plan.current_a * 60;
  double minutes = 0;
  for (int step = 0; step < most_steps; ++step, minutes += step_minutes) {
    pack.read();
    double pack_v = 0, lowest = 10;
    std::size_t cell = 0;
    for (std::size_t i = 0; i < start.cells; ++i) {
      const double v = pack.cell_v(i, -plan.current_a);
      pack_v += v;
      if (v < lowest) lowest = v, cell = i;
    }
    lowest += start.bias_v;
    const bool under = lowest <= plan.cell_uvp_v || pack_v <= plan.pack_uvp_v;
    if (under && !known(found.minutes_to_limit)) found.minutes_to_limit = minutes, found.pack_v_at_limit = pack_v;
    if (pack_v <= plan.cutoff_v && !known(found.minutes_to_end)) {
      found.minutes_to_end = minutes, found.lowest_v = lowest, found.lowest_cell = cell;
    }
    const bool limit_done = known(found.minutes_to_limit) || !known(plan.cell_uvp_v);
    const bool end_done = known(found.minutes_to_end) || !known(plan.cutoff_v);
    if (limit_done && end_done) return found;
    if (start.soc[cell] < -0.2) {  // a cell beyond empty and the load goes on
      if (known(plan.cutoff_v) && !known(found.lowest_v)) found.lowest_v = lowest, found.lowest_cell = cell;
      return found;
    }
    pack.move(-step_ah);
  }
  return found;
}

}  // namespace cellwarden
