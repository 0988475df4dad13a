#include "daemon/analysis/learning.h"

#include "daemon/analysis/verdicts.h"

namespace cellwarden {

namespace {

constexpr double gain = 0.5, narrowest = 5, widest = 0.3, landmarks_apart_s = 3 * 86400.0;

void approach(double& learned, double seen) {
  if (known(seen)) learned = known(learned) ? learned + gain * (seen - learned) : seen;
}

/// Width of the knee against the table's: the charge between two levels, median over the cells that crossed both.
struct Knee {
  double kappa = absent;
  std::size_t cells = 0;
};
Knee seen_knee(const Crossings& crossings, const ChemistryTraits& c, std::size_t cells, double capacity_ah,
               double from_v, double hysteresis_v) {
  Cells seen{};
  std::size_t held = 0, from = 0;
  while (from < crossings.levels() && crossings.direction() * (crossings.volts(from) - from_v) < 0) ++from;
  for (std::size_t i = 0; i < cells; ++i) {
    const auto to = crossings.highest(i);
    if (!to || *to < from + 2 || !known(crossings.at(from, i))) continue;
    const double moved = std::abs(crossings.at(*to, i) - crossings.at(from, i)) / capacity_ah;
    const double table =
        std::abs(c.curve.soc(crossings.volts(*to) - hysteresis_v) - c.curve.soc(crossings.volts(from) - hysteresis_v));
    if (moved > 0) seen[held++] = table / moved;
  }
  if (held == 0) return {};
  return {std::clamp(median(seen, held), widest, narrowest), held};
}

void learn_usable(Memory& memory, double trust) {
  const Landmark &full = memory.full, &empty = memory.empty;
  if (!known(full.q) || !known(empty.q) || full.stretch != memory.stretch || empty.stretch != memory.stretch) return;
  if (std::abs(full.time_s - empty.time_s) > landmarks_apart_s || full.q <= empty.q) return;
  memory.usable = {full.q - empty.q, memory.clock_s, trust};
}

void learn_charge_bias(const ChargeWatch& watch, const Terms& terms, Memory& memory) {
  const Stop stop = watch.cause();
  const bool tripped = stop == Stop::bms_cell;
  if (!tripped && stop != Stop::charger) return;
  const ChargePlan plan = charge_plan(terms, memory, absent);
  if (!known(plan.set_v)) return;
  PackAtStart pack = at_top_from_memory(terms, memory);
  pack.bias_v = 0;
  double error = watch.peak_v() - forecast_charge(pack, plan).peak_v;
  // After a trip the peak is only known to be at least the limit.
  if (tripped)
    error = std::max(std::max(watch.peak_v(), terms.ovp_v()) - forecast_charge(pack, plan).peak_v,
                     memory.charge_bias.volts);
  memory.charge_bias.learn(error);
}

void learn_discharge_bias(const DischargeWatch& watch, const Terms& terms, Memory& memory) {
  if (watch.cause() != Stop::load) return;
  const DischargePlan plan = discharge_plan(terms, memory, absent);
  if (!known(plan.cutoff_v)) return;
  PackAtStart pack = at_bottom_from_memory(terms, memory);
  pack.bias_v = 0;
  const DischargeForecast f = forecast_discharge(pack, plan);
  if (known(f.lowest_v)) memory.discharge_bias.learn(watch.lowest_v() - f.lowest_v);
}

}  // namespace

void learn_from_charge(ChargeSegment& charge, const Terms& terms, bool whole, Memory& memory) {
  const ChemistryTraits& c = *terms.chemistry;
  const SegmentFacts facts = charge.close(memory, whole);
  ++memory.charges;
  memory.usage.learn(facts);
  if (known(charge.watch().held_v())) memory.held_v.add(charge.watch().held_v());
  // Before crossings are dropped that a knee of the table's width forbids: in a worn pack it is several times as wide.
  const Knee knee = seen_knee(charge.crossings, c, facts.cells, facts.capacity_ah, c.knee_v, c.hysteresis_v);
  if (!resolve_top(charge.crossings, charge.curves, facts, c, memory.top)) return;
  memory.drift.learn(memory.clock_s / 86400, memory.top, facts.cells, facts.capacity_ah);
  memory.balancing.learn(memory.top);

  // The table's was a guess; yet a few cells ahead of the others may be so by resistance alone.
  if (memory.top.cycles == 1 && 2 * knee.cells >= facts.cells) memory.kappa_top = knee.kappa;
  approach(memory.kappa_top, knee.kappa);
  approach(memory.charge_a, charge.knee_current_a());
  if (const auto first = leader(charge.crossings, facts.cells)) {
    const double soc = c.curve.soc(charge.crossings.volts(first->level) - c.hysteresis_v);
    const double to_full = (1 - soc) / memory.kappa_top * facts.capacity_ah;
    memory.full = {charge.crossings.at(first->level, first->cell) + to_full, memory.clock_s, memory.stretch};
    learn_usable(memory, facts.trust);
  }
  if (whole) learn_charge_bias(charge.watch(), terms, memory);
}

void learn_from_discharge(DischargeSegment& discharge, const Terms& terms, Memory& memory) {
  const ChemistryTraits& c = *terms.chemistry;
  const SegmentFacts facts = discharge.close(memory);
  if (known(discharge.watch().let_go_v()) && discharge.watch().cause() == Stop::load) {
    memory.let_go_v.add(discharge.watch().let_go_v());
  }
  if (!resolve_bottom(discharge.crossings, discharge.curves, facts, c, memory.bottom)) return;

  approach(memory.kappa_bottom,
           seen_knee(discharge.crossings, c, facts.cells, facts.capacity_ah, c.bottom_v, -c.hysteresis_v).kappa);
  approach(memory.discharge_a, discharge.knee_current_a());
  if (const auto first = leader(discharge.crossings, facts.cells)) {
    const double soc = c.curve.soc(discharge.crossings.volts(first->level) + c.hysteresis_v);
    const double to_empty = soc / memory.kappa_bottom * facts.capacity_ah;
    memory.empty = {discharge.crossings.at(first->level, first->cell) - to_empty, memory.clock_s, memory.stretch};
    learn_usable(memory, facts.trust);
  }
  learn_discharge_bias(discharge.watch(), terms, memory);
}

}  // namespace cellwarden
