#pragma once
// The charts of a page as inline SVG; their colours are the page's own (html.cpp).
#include <string>
#include <string_view>

#include "daemon/report/page.h"

namespace cellwarden::report {

std::string svg_of(const BarChart& chart);
std::string svg_of(const DayChart& chart);

/// For XML's text and attributes; what no XML may hold is left out.
std::string escaped(std::string_view text);

}  // namespace cellwarden::report
