#pragma once
// How long balancing takes, from what it really did (cell-analytics 15).
#include "daemon/analysis/terms.h"

namespace cellwarden {

void say_balance_time(const Terms& terms, const Memory& memory, Insight& insight);

}  // namespace cellwarden
