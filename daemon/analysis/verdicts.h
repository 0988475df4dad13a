#pragma once
// Who cuts off first, from what is remembered (before the charge) or from the knee as it happens; and the voltages that
// would keep the BMS out of it (cell-analytics 13, 14).
#include "daemon/analysis/forward_model.h"
#include "daemon/analysis/terms.h"

namespace cellwarden {

/// The first cell before its knee, the others as far behind as remembered.
PackAtStart at_top_from_memory(const Terms& terms, const Memory& memory);
PackAtStart at_bottom_from_memory(const Terms& terms, const Memory& memory);
/// Now: cells in the knee by their voltage, the others by what is remembered of them, else by the plateau.
PackAtStart at_top_now(const Terms& terms, const Memory& memory, std::span<const double> u);
PackAtStart at_bottom_now(const Terms& terms, const Memory& memory, std::span<const double> u);

ChargePlan charge_plan(const Terms& terms, const Memory& memory, double current_a);
DischargePlan discharge_plan(const Terms& terms, const Memory& memory, double current_a);

struct ChargeAnswer {
  double margin_v = absent;  ///< negative: the BMS is first
  double pack_v_at_limit = absent, minutes_to_limit = absent, minutes_to_end = absent;
  std::size_t cell = 0;
};
ChargeAnswer ask_charge(const PackAtStart& pack, const ChargePlan& plan);

struct DischargeAnswer {
  double margin_v = absent;
  double pack_v_at_limit = absent, minutes_to_limit = absent, minutes_to_end = absent;
  std::size_t cell = 0;
};
DischargeAnswer ask_discharge(const PackAtStart& pack, const DischargePlan& plan);

/// Highest charger voltage that keeps `headroom_v` below every limit, in steps of 0.1 V, at most `present_v`.
double recommended_charge_v(const PackAtStart& pack, ChargePlan plan, double headroom_v, double present_v);
/// Pack voltage at which the lowest cell is `headroom_v` above its limit, in steps of 0.1 V, at least `present_v`.
double recommended_cutoff_v(const PackAtStart& pack, DischargePlan plan, double headroom_v, double present_v);

}  // namespace cellwarden
