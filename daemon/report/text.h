#pragma once
#include <string>

#include "daemon/report/page.h"

namespace cellwarden::report {

/// The page for a terminal or a printer: lines of at most 78 characters, charts of # signs.
std::string text_of(const Page& page);

}  // namespace cellwarden::report
