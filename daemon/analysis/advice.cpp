#include "daemon/analysis/advice.h"

#include <cstdio>

namespace cellwarden {

namespace {

std::string format(const char* form, double value) {
  char text[32];
  std::snprintf(text, sizeof text, form, value);
  return text;
}

/// The config key that would answer what is open, or what else keeps the pack in the dark; empty: nothing does.
std::string what_is_missing(const Insight& insight) {
  switch (insight.charge_verdict.value ? Reason::none : insight.charge_verdict.reason) {
    case Reason::chemistry_unknown:
      return "Set chemistry (lfp, nmc or lto) for this pack: nothing can be worked out without it.";
    case Reason::no_capacity:
      return "Set capacity_ah for this pack: the BMS does not say it.";
    case Reason::no_current:
      return "The BMS does not tell the current, and without it cell voltages say neither how full nor how balanced "
             "the "
             "pack is.";
    case Reason::bad_cells:
      return "A cell reads a voltage that this chemistry does not have: look at the sense wires, and whether chemistry "
             "is set right.";
    case Reason::stale:
      return "The BMS sends the same values again and again while current flows: what it says now is not to be "
             "trusted.";
    case Reason::too_many_cells:
      return "A pack of so many cells is not followed: only what the BMS itself says of it is shown.";
    case Reason::ovp_unknown:
      return "Set limits.cell_ovp_v: the BMS does not say at which cell voltage it ends the charge.";
    case Reason::charger_voltage_unknown:
      return "Set charger.absorption_v, or wait for one full charge: the charger's voltage is not known yet.";
    default:
      break;
  }
  switch (insight.discharge_verdict.value ? Reason::none : insight.discharge_verdict.reason) {
    case Reason::uvp_unknown:
      return "Set limits.cell_uvp_v: the BMS does not say at which cell voltage it ends the discharge.";
    case Reason::lvc_unknown:
      return "Set load.cutoff_v: it is not known at which voltage the load lets go.";
    default:
      return {};
  }
}

std::string cell_text(const Output<int>& cell) { return cell.value ? "cell " + std::to_string(*cell.value) : "a cell"; }

std::string on_charge(const Insight& insight) {
  if (insight.charge_verdict.value != ChargeVerdict::bms) return {};
  // In the first knee ever seen.
  if (insight.recommended_charge_v.reason == Reason::top_never_seen)
    return "The BMS will end this charge because " + cell_text(insight.first_full_cell) +
           " is full first: what to set is worked out when it is over.";
  const std::string what =
      "The BMS will end the next charge because " + cell_text(insight.first_full_cell) + " is full first: ";
  if (insight.recommended_charge_v.value)
    return what + "set the charger to " + format("%.1f V", *insight.recommended_charge_v.value) +
           " until the cells are balanced.";
  return what + "balance the cells at the top; no useful charger voltage would avoid it.";
}

std::string on_discharge(const Insight& insight) {
  if (insight.discharge_verdict.value != DischargeVerdict::bms || !insight.recommended_lvc_v.value) return {};
  return "The BMS will end the next deep discharge because " + cell_text(insight.first_empty_cell) +
         " is empty first: let the load let go at " + format("%.1f V.", *insight.recommended_lvc_v.value);
}

}  // namespace

std::string advice_for(const Terms&, const Memory& memory, const Insight& insight) {
  if (auto text = on_charge(insight); !text.empty()) return text;
  if (auto text = on_discharge(insight); !text.empty()) return text;
  if (auto text = what_is_missing(insight); !text.empty()) return text;
  if (insight.charge_verdict.reason == Reason::no_readings) return {};
  if (!memory.top.seen) return "Charge the pack until it is full once: how its cells are balanced shows only there.";
  return {};
}

}  // namespace cellwarden
