#pragma once
// An Insight as the flat JSON of design.md 3:
// {"charge_verdict":"bms",...,"confidence":{...},"reason":{...},"advice":...}.
#include <nlohmann/json_fwd.hpp>

#include "daemon/analysis/insight.h"

namespace cellwarden {

/// Every name is there, unknown values as null. Values are rounded to their resolution. In a list, `confidence` and
/// `reason` are one value when all cells share it, else a list as long.
nlohmann::ordered_json to_json(const Insight& insight);

}  // namespace cellwarden
