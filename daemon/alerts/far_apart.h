#pragma once
#include "daemon/analysis/moment.h"

namespace cellwarden {

/// Where the cells were last radically apart: at which end or at rest, and how deep in it.
struct FarApart {
  Gate place = Gate::none;
  double v = 0;    ///< of the highest cell (near empty: of the lowest) when it began to show
  int charge = 0;  ///< in which the pack was last there
  int times = 0;   ///< charges in which it was there since, and nothing showed
};

}  // namespace cellwarden
