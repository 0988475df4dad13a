#pragma once
// What days tell: which cell loses charge against the others (cell-analytics 12).
#include "daemon/analysis/terms.h"

namespace cellwarden {

void say_drift(const Terms& terms, const Memory& memory, Insight& insight);

}  // namespace cellwarden
