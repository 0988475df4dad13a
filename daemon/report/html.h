#pragma once
#include <string>

#include "daemon/report/page.h"

namespace cellwarden::report {

/// The page as one file that needs nothing else: no script, no font, no picture from elsewhere. Well-formed as XML too.
std::string html_of(const Page& page);

}  // namespace cellwarden::report
