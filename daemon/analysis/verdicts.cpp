#include "daemon/analysis/verdicts.h"

namespace cellwarden {

namespace {

constexpr double bottom_start = 0.15, usual_c = 0.2;

PackAtStart prepared(const Terms& terms, const Memory& memory, double bias_v) {
  PackAtStart pack{.chemistry = terms.chemistry,
                   .cells = static_cast<std::size_t>(memory.cells),
                   .capacity_ah = terms.capacity_ah,
                   .kappa_top = memory.kappa_top,
                   .kappa_bottom = memory.kappa_bottom,
                   .bias_v = bias_v};
  memory.resistance.estimate(pack.ohm, pack.cells, pack.capacity_ah);
  return pack;
}

double usual_current(const Terms& terms, double learned) {
  if (known(learned)) return learned;
  return terms.settings.charger.current_a.value_or(usual_c * terms.capacity_ah);
}

}  // namespace

PackAtStart at_top_from_memory(const Terms& terms, const Memory& memory) {
  PackAtStart pack = prepared(terms, memory, memory.charge_bias.volts);
  for (std::size_t i = 0; i < pack.cells; ++i) {
    pack.soc[i] = terms.chemistry->top_start - memory.top.cells[i].for_model() / pack.capacity_ah;
  }
  return pack;
}

PackAtStart at_bottom_from_memory(const Terms& terms, const Memory& memory) {
  PackAtStart pack = prepared(terms, memory, memory.discharge_bias.volts);
  for (std::size_t i = 0; i < pack.cells; ++i) {
    pack.soc[i] = bottom_start + memory.bottom.cells[i].for_model() / pack.capacity_ah;
  }
  return pack;
}

PackAtStart at_top_now(const Terms& terms, const Memory& memory, std::span<const double> u) {
  PackAtStart pack = prepared(terms, memory, memory.charge_bias.volts);
  const ChemistryTraits& c = *terms.chemistry;
  const auto lead = static_cast<std::size_t>(std::ranges::max_element(u) - u.begin());
  const auto by_voltage = [&](double volts) {
    const double soc = c.curve.soc(volts - c.hysteresis_v);
    return soc > 0.95 ? 1 - (1 - soc) / pack.kappa_top : soc;
  };
  const double lead_soc = by_voltage(u[lead]);
  for (std::size_t i = 0; i < pack.cells; ++i) {
    if (u[i] > c.invert_v || !memory.top.seen) {
      pack.soc[i] = std::min(lead_soc, by_voltage(u[i]));
      continue;
    }
    const double behind = memory.top.cells[i].for_model() - memory.top.cells[lead].for_model();
    pack.soc[i] = lead_soc - std::max(0.0, behind) / pack.capacity_ah;
  }
  return pack;
}

PackAtStart at_bottom_now(const Terms& terms, const Memory& memory, std::span<const double> u) {
  PackAtStart pack = prepared(terms, memory, memory.discharge_bias.volts);
  const ChemistryTraits& c = *terms.chemistry;
  const auto lead = static_cast<std::size_t>(std::ranges::min_element(u) - u.begin());
  const auto by_voltage = [&](double volts) {
    const double soc = c.curve.soc(volts + c.hysteresis_v);
    return soc < 0.05 ? soc / pack.kappa_bottom : soc;
  };
  const double lead_soc = by_voltage(u[lead]);
  for (std::size_t i = 0; i < pack.cells; ++i) {
    if (u[i] < c.bottom_v || !memory.bottom.seen) {
      pack.soc[i] = std::max(lead_soc, by_voltage(u[i]));
      continue;
    }
    const double above = memory.bottom.cells[i].for_model() - memory.bottom.cells[lead].for_model();
    pack.soc[i] = lead_soc + std::max(0.0, above) / pack.capacity_ah;
  }
  return pack;
}

ChargePlan charge_plan(const Terms& terms, const Memory& memory, double current_a) {
  return {.current_a = known(current_a) ? current_a : usual_current(terms, memory.charge_a),
          .set_v = terms.charger_v(memory),
          .tail_a = terms.tail_a(),
          .absorption_s = terms.absorption_s(),
          .cable_ohm = terms.cable_ohm(),
          .cell_ovp_v = terms.ovp_v(),
          .pack_ovp_v = terms.limits.pack_ovp_v.value_or(absent)};
}

DischargePlan discharge_plan(const Terms& terms, const Memory& memory, double current_a) {
  const double usual = known(memory.discharge_a) ? memory.discharge_a : usual_c * terms.capacity_ah;
  return {.current_a = known(current_a) ? current_a : usual,
          .cutoff_v = terms.cutoff_v(memory),
          .cell_uvp_v = terms.uvp_v(),
          .pack_uvp_v = terms.limits.pack_uvp_v.value_or(absent)};
}

ChargeAnswer ask_charge(const PackAtStart& pack, const ChargePlan& plan) {
  ChargeAnswer answer;
  ChargePlan unheld = plan;
  unheld.set_v = absent;
  const ChargeForecast pushed = forecast_charge(pack, unheld);
  answer.pack_v_at_limit = pushed.pack_v_at_limit;
  answer.minutes_to_limit = pushed.minutes_to_limit;
  answer.cell = pushed.peak_cell;
  if (!known(plan.set_v)) return answer;

  const ChargeForecast held = forecast_charge(pack, plan);
  const double cell = plan.cell_ovp_v - held.peak_v;  // NaN without a limit
  const double all = (plan.pack_ovp_v - held.peak_pack_v) / static_cast<double>(pack.cells);
  answer.margin_v = known(cell) ? std::fmin(cell, all) : absent;
  answer.minutes_to_limit = held.minutes_to_limit;
  answer.minutes_to_end = held.minutes_to_end;
  answer.cell = held.peak_cell;
  return answer;
}

DischargeAnswer ask_discharge(const PackAtStart& pack, const DischargePlan& plan) {
  const DischargeForecast f = forecast_discharge(pack, plan);
  DischargeAnswer answer{.pack_v_at_limit = f.pack_v_at_limit,
                         .minutes_to_limit = f.minutes_to_limit,
                         .minutes_to_end = f.minutes_to_end,
                         .cell = f.lowest_cell};
  const double cell = f.lowest_v - plan.cell_uvp_v;
  const double all = (plan.cutoff_v - plan.pack_uvp_v) / static_cast<double>(pack.cells);
  answer.margin_v = known(cell) ? std::fmin(cell, all) : absent;
  return answer;
}

double recommended_charge_v(const PackAtStart& pack, ChargePlan plan, double headroom_v, double present_v) {
  const auto n = static_cast<double>(pack.cells);
  double low = (pack.chemistry->knee_v - 0.05) * n, high = plan.cell_ovp_v * n;
  for (int round = 0; round < 18; ++round) {
    plan.set_v = (low + high) / 2;
    const ChargeForecast held = forecast_charge(pack, plan);
    const bool inside =
        held.peak_v <= plan.cell_ovp_v - headroom_v && !(held.peak_pack_v > plan.pack_ovp_v - headroom_v);
    (inside ? low : high) = plan.set_v;
  }
  return std::fmin(std::floor(low * 10 + 1e-6) / 10, present_v);
}

double recommended_cutoff_v(const PackAtStart& pack, DischargePlan plan, double headroom_v, double present_v) {
  plan.cell_uvp_v += headroom_v;
  plan.pack_uvp_v = plan.cutoff_v = absent;
  const DischargeForecast f = forecast_discharge(pack, plan);
  return std::fmax(std::ceil(f.pack_v_at_limit * 10 - 1e-6) / 10, present_v);
}

}  // namespace cellwarden
