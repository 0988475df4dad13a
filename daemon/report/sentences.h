#pragma once
// What the facts say, in plain words for who owns the battery.
#include "daemon/report/facts.h"
#include "daemon/report/page.h"

namespace cellwarden::report {

Page page_of(const Facts& facts);

}  // namespace cellwarden::report
