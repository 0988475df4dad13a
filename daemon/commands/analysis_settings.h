#pragma once
#include "config/config.h"
#include "daemon/analysis/pack_settings.h"

namespace cellwarden {

/// What the owner wrote of a pack, as the analysis takes it.
PackSettings analysis_settings(const PackConfig& pack);

}  // namespace cellwarden
