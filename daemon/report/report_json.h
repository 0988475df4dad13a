#pragma once
#include <nlohmann/json_fwd.hpp>

#include "daemon/report/facts.h"
#include "daemon/report/page.h"

namespace cellwarden::report {

/// The page's sentences, the insight as it is published, and what the days tell. What is not known is null.
nlohmann::ordered_json report_json(const Facts& facts, const Page& page);

}  // namespace cellwarden::report
