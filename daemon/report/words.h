#pragma once
// Dates, energy, trust and reasons as the report's sentences say them.
#include <chrono>
#include <string>
#include <vector>

#include "daemon/analysis/insight.h"

namespace cellwarden::report {

/// "19 July 2026"; of a recording whose clock begins at 0 "day 200".
std::string date_text(std::chrono::sys_days day);
/// "Jul 2026" or "day 200": at an axis.
std::string short_date_text(std::chrono::sys_days day);
/// "about 12.8 kWh"
std::string about_kwh(double kwh);
/// "3 days", "about 4 months"
std::string days_text(double days);
/// "cell 3", "cells 3, 5 and 9"
std::string cells_text(const std::vector<int>& cells);
std::string capitalised(std::string sentence);

/// "sure", "likely", "a guess"
const char* trust_words(double confidence);
/// What follows "because"; empty for `none`.
const char* reason_words(Reason reason);

}  // namespace cellwarden::report
