#pragma once
// The advice that stands. It is a sentence to act on, so it does not change with every charge.
#include <string>

#include "daemon/analysis/cells.h"

namespace cellwarden {

/// Of the numbers that a sentence names, at most so many.
using Figures = std::array<double, 3>;

struct HeldAdvice {
  int topic = -1;  ///< Topic; 0: that there is nothing to advise; -1: not yet any
  int cell = 0;
  Figures figures{};
  double doubted_s = absent;  ///< since when something else is more useful, on the analysis's own clock
  int doubted_charges = 0;    ///< charges closed at that time
  std::string text;           ///< is not saved: a restart words it anew
  template <class Visit>
  void each_field(Visit&& visit) {
    visit(topic), visit(cell), visit(doubted_s), visit(doubted_charges);
    for (auto& figure : figures) visit(figure);
  }
};

}  // namespace cellwarden
