#pragma once
// The one thing to do next, in a sentence under 255 characters; empty: nothing.
#include <string>

#include "daemon/analysis/terms.h"

namespace cellwarden {

std::string advice_for(const Terms& terms, const Memory& memory, const Insight& insight);

}  // namespace cellwarden
