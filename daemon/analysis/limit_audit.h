#pragma once
// Settings that contradict each other, before any reading: a plain sentence each (issue 4).
#include <string>
#include <vector>

#include "daemon/analysis/terms.h"

namespace cellwarden {

std::vector<std::string> audit_limits(const Terms& terms, std::size_t cells);

}  // namespace cellwarden
