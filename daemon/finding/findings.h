#pragma once
// What was found behind a link, and what was heard of the others.
#include <functional>

#include "daemon/finding/conversation.h"

namespace cellwarden::finding {

struct Findings {
  std::vector<Found> found;
  std::vector<std::string> talkers;  ///< "9600 baud: CA FE 01 02", of those who make no sense
  bool is_chain = false;             ///< it talks by itself: nothing was sent
};

/// Hears what is tried, a line each.
using Say = std::function<void(const std::string&)>;
/// All that is there, or whoever is found first.
enum class Goal { all, first };

/// Takes an outcome over, and says what came of it. Boards that answer in two protocols of their brand are one.
void take(Outcome outcome, const Try& how, Findings& into, const Say& say);

/// Asks by one after the other. `for_others`: so long each may have to wait for a line that others use too.
Task<void> ask_all(Link& link, std::vector<Try> tries, Goal goal, Duration for_others, const Say& say, Findings& into);

}  // namespace cellwarden::finding
