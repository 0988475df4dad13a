#pragma once
// Whether to balance by hand, how, and how well it went (cell-analytics 16).
#include "daemon/analysis/terms.h"

namespace cellwarden {

void say_balance_advice(const Terms& terms, const Memory& memory, Insight& insight);

}  // namespace cellwarden
