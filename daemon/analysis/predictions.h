#pragma once
// The two verdicts and what goes with them, said into the insight.
#include "daemon/analysis/segments.h"
#include "daemon/analysis/verdicts.h"

namespace cellwarden {

/// Before a charge, from what is remembered; with the recommended voltage.
void say_charge_from_memory(const Terms& terms, const Memory& memory, Insight& insight);
void say_discharge_from_memory(const Terms& terms, const Memory& memory, Insight& insight);
/// While the first cell is in the knee.
void say_charge_now(const Terms& terms, const Memory& memory, std::span<const double> u, double smooth_a,
                    Insight& insight);
void say_discharge_now(const Terms& terms, const Memory& memory, std::span<const double> u, double smooth_a,
                       Insight& insight);

}  // namespace cellwarden
