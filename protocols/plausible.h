#pragma once
// The one bounds check of a whole Reading, called by `decode` and by PackSession alike.
#include <string>
#include <vector>

#include "protocols/battery.h"

namespace cellwarden {

struct Plausibility {
  std::string wrong;                  ///< what no battery has, for the log; empty: nothing
  std::vector<int> impossible_cells;  ///< cells (from 1) outside 0.5..5.0 V: a sense wire, not a battery
};

/// Values that are unknown are not judged.
Plausibility check_plausible(const Reading& reading);

}  // namespace cellwarden
