#include "daemon/analysis/predictions.h"

#include "daemon/analysis/findings.h"

namespace cellwarden {

namespace {

using Number = Output<double>;

Number number(double value, double trust, Reason why) {
  return known(value) ? Number::known(value, trust) : Number::unknown(why);
}

template <class V>
Output<V> judged(double margin_v, double marginal_mv, V bms, V other, V marginal, double trust) {
  const double mv = margin_v * 1000;
  if (std::abs(mv) < marginal_mv) return Output<V>::known(marginal, trust * 0.7);
  return Output<V>::known(mv < 0 ? bms : other, trust);
}

/// What a missing setting leaves open.
Reason charge_gap(const ChargePlan& plan) {
  if (!known(plan.cell_ovp_v)) return Reason::ovp_unknown;
  return known(plan.set_v) ? Reason::none : Reason::charger_voltage_unknown;
}
Reason discharge_gap(const DischargePlan& plan) {
  if (!known(plan.cell_uvp_v)) return Reason::uvp_unknown;
  return known(plan.cutoff_v) ? Reason::none : Reason::lvc_unknown;
}

double top_trust(const Memory& memory) {
  double trust = memory.top.cycles == 1 ? 0.7 : 1;
  for (int i = 0; i < memory.cells; ++i) {
    const Offset& o = memory.top.cells[static_cast<std::size_t>(i)];
    trust = std::min(trust, o.trust * (o.src == 2 ? 1 : o.src == 1 ? 0.8 : 0.6));
  }
  return aged(trust, memory.clock_s - memory.top.time_s);
}

/// One charge alone tells the cells' resistance and the knee's width less well.
double marginal_mv_of(const Terms& terms, const Memory& memory) {
  return terms.settings.thresholds.marginal_mv * (memory.top.cycles == 1 ? 1.5 : 1);
}

void say_charge(const ChargeAnswer& answer, const ChargePlan& plan, double trust, double marginal_mv,
                Insight& insight) {
  const Reason missing = charge_gap(plan);
  insight.v_pack_at_first_cell_limit = number(answer.pack_v_at_limit, trust, Reason::ovp_unknown);
  if (missing != Reason::none) {
    insight.charge_verdict = Output<ChargeVerdict>::unknown(missing);
    insight.charge_margin_mv = Number::unknown(missing);
    return;
  }
  insight.charge_verdict =
      judged(answer.margin_v, marginal_mv, ChargeVerdict::bms, ChargeVerdict::charger, ChargeVerdict::marginal, trust);
  insight.charge_margin_mv = Number::known(answer.margin_v * 1000, trust);
}

void say_discharge(const Terms& terms, const DischargeAnswer& answer, const DischargePlan& plan, double trust,
                   Insight& insight) {
  const Reason missing = discharge_gap(plan);
  insight.v_pack_at_first_cell_empty = number(answer.pack_v_at_limit, trust, Reason::uvp_unknown);
  if (missing != Reason::none) {
    insight.discharge_verdict = Output<DischargeVerdict>::unknown(missing);
    insight.discharge_margin_mv = Number::unknown(missing);
    return;
  }
  insight.discharge_verdict = judged(answer.margin_v, terms.settings.thresholds.marginal_mv, DischargeVerdict::bms,
                                     DischargeVerdict::load, DischargeVerdict::marginal, trust);
  insight.discharge_margin_mv = Number::known(answer.margin_v * 1000, trust);
}

/// The cell that leads into the knee, unless another is as near.
Output<int> leader(const PackAtStart& pack, std::size_t lead, double trust) {
  for (std::size_t i = 0; i < pack.cells; ++i) {
    if (i != lead && pack.soc[lead] - pack.soc[i] < tie_pp / 100) return Output<int>::unknown(Reason::tie);
  }
  return Output<int>::known(static_cast<int>(lead) + 1, trust);
}

}  // namespace

void say_charge_from_memory(const Terms& terms, const Memory& memory, Insight& insight) {
  insight.minutes_to_stop = Number::unknown(Reason::gate_not_met);
  const ChargePlan plan = charge_plan(terms, memory, absent);
  if (!memory.top.seen) {
    const Reason why = charge_gap(plan) == Reason::none ? Reason::top_never_seen : charge_gap(plan);
    insight.charge_verdict = Output<ChargeVerdict>::unknown(why);
    for (auto* each : {&insight.charge_margin_mv, &insight.v_pack_at_first_cell_limit, &insight.recommended_charge_v})
      *each = Number::unknown(why);
    return;
  }
  const PackAtStart pack = at_top_from_memory(terms, memory);
  const double trust = top_trust(memory);
  say_charge(ask_charge(pack, plan), plan, trust, marginal_mv_of(terms, memory), insight);

  if (!known(plan.cell_ovp_v)) {
    insight.recommended_charge_v = Number::unknown(Reason::ovp_unknown);
    return;
  }
  const double volts =
      recommended_charge_v(pack, plan, terms.settings.thresholds.charge_headroom_mv / 1000, plan.set_v);
  const bool lowered = !(volts >= plan.set_v);
  const bool too_low = volts < terms.chemistry->knee_v * memory.cells - 1e-6;
  insight.recommended_charge_v =
      lowered && too_low ? Number::unknown(Reason::too_unbalanced) : Number::known(volts, trust);
}

void say_discharge_from_memory(const Terms& terms, const Memory& memory, Insight& insight) {
  insight.minutes_to_empty = Number::unknown(Reason::gate_not_met);
  const DischargePlan plan = discharge_plan(terms, memory, absent);
  if (!memory.bottom.seen) {
    const Reason why = discharge_gap(plan) == Reason::none ? Reason::bottom_never_seen : discharge_gap(plan);
    insight.discharge_verdict = Output<DischargeVerdict>::unknown(why);
    for (auto* each : {&insight.discharge_margin_mv, &insight.v_pack_at_first_cell_empty, &insight.recommended_lvc_v})
      *each = Number::unknown(why);
    return;
  }
  const PackAtStart pack = at_bottom_from_memory(terms, memory);
  const double trust = aged(1, memory.clock_s - memory.bottom.time_s);
  say_discharge(terms, ask_discharge(pack, plan), plan, trust, insight);
  insight.recommended_lvc_v =
      known(plan.cell_uvp_v)
          ? number(
                recommended_cutoff_v(pack, plan, terms.settings.thresholds.discharge_headroom_mv / 1000, plan.cutoff_v),
                trust, Reason::uvp_unknown)
          : Number::unknown(Reason::uvp_unknown);
}

void say_charge_now(const Terms& terms, const Memory& memory, std::span<const double> u, double smooth_a,
                    Insight& insight) {
  const ChargePlan plan = charge_plan(terms, memory, smooth_a);
  const PackAtStart pack = at_top_now(terms, memory, u);
  const ChargeAnswer answer = ask_charge(pack, plan);
  const double trust = memory.top.seen ? top_trust(memory) : 0.6;
  if (!memory.top.seen) insight.first_full_cell = leader(pack, answer.cell, trust);
  say_charge(answer, plan, trust, terms.settings.thresholds.marginal_mv, insight);
  const double minutes = std::fmin(answer.minutes_to_limit, answer.minutes_to_end);
  insight.minutes_to_stop = number(minutes, trust, charge_gap(plan));
}

void say_discharge_now(const Terms& terms, const Memory& memory, std::span<const double> u, double smooth_a,
                       Insight& insight) {
  const DischargePlan plan = discharge_plan(terms, memory, -smooth_a);
  const DischargeAnswer answer = ask_discharge(at_bottom_now(terms, memory, u), plan);
  const double trust = memory.bottom.seen ? 1 : 0.6;
  say_discharge(terms, answer, plan, trust, insight);
  const double minutes = std::fmin(answer.minutes_to_limit, answer.minutes_to_end);
  insight.minutes_to_empty = number(minutes, trust, discharge_gap(plan));
}

}  // namespace cellwarden
