#pragma once
// What could be advised, and what of it is most useful to know. The order of urgency is a table in advice_rules.cpp.
#include <optional>

#include "daemon/analysis/terms.h"

namespace cellwarden {

/// In the order of urgency.
enum class Topic {
  none,
  silence,
  this_charge,
  equalise,
  charge_cut,
  charge_setting,
  discharge_cut,
  conflict,
  plateau,
  high_current,
  drift,
  resistance,
  full_charge,
  suspect,
  never,
  by_hand,
  by_balancer,
  discharge_setting,
  first_charge,
  mismatch
};

struct Advice {
  std::string text;
  int cell = 0;
  Figures figures{};  ///< which the text names
  Figures give{};     ///< how much they may change before it is another sentence
};

/// At once: what holds at this moment, or what one setting answers. The others are findings, which are held.
struct Urgent {
  Topic topic = Topic::none;
  bool at_once = false;
  Advice advice = {};
};
Urgent most_urgent(const Terms& terms, const Memory& memory, const Insight& insight);
/// Of this topic alone; empty: there is nothing to say of it.
std::optional<Advice> advice_about(Topic topic, const Terms& terms, const Memory& memory, const Insight& insight);

}  // namespace cellwarden
