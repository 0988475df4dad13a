#include "daemon/analysis/advice.h"

#include "daemon/analysis/advice_rules.h"

namespace cellwarden {

namespace {

constexpr double while_s = 86400, long_while_s = 3 * while_s;
constexpr int charges = 2;

bool near(double now, double before, double give) {
  return known(now) == known(before) && (!known(now) || std::abs(now - before) <= give);
}

/// The same sentence, apart from what its numbers may vary.
bool same(const HeldAdvice& held, Topic topic, const Advice& advice) {
  if (held.topic != static_cast<int>(topic) || held.cell != advice.cell) return false;
  for (std::size_t i = 0; i < advice.figures.size(); ++i)
    if (!near(advice.figures[i], held.figures[i], advice.give[i])) return false;
  return true;
}

void hold(HeldAdvice& held, Topic topic, const Advice& advice) {
  held = {.topic = static_cast<int>(topic), .cell = advice.cell, .figures = advice.figures, .text = advice.text};
}

/// After a restart the sentence is worded anew, if it still holds.
void find_words(HeldAdvice& held, const Terms& terms, const Memory& memory, const Insight& insight) {
  const auto topic = static_cast<Topic>(held.topic);
  const auto now = advice_about(topic, terms, memory, insight);
  if (now && now->cell == held.cell)
    held.text = now->text, held.figures = now->figures;
  else
    held = {};
}

bool long_enough(const HeldAdvice& held, const Memory& memory) {
  const double since_s = memory.clock_s - held.doubted_s;
  return since_s >= long_while_s || (since_s >= while_s && memory.charges - held.doubted_charges >= charges);
}

}  // namespace

void say_advice(const Terms& terms, Memory& memory, Insight& insight) {
  HeldAdvice& held = memory.advice;
  const Urgent now = most_urgent(terms, memory, insight);
  if (now.at_once) {
    insight.advice = now.advice.text;
    return;
  }
  if (held.topic > 0 && held.text.empty()) find_words(held, terms, memory, insight);
  if (held.topic < 0) {
    hold(held, now.topic, now.advice);
  } else if (same(held, now.topic, now.advice)) {
    held.doubted_s = absent;
  } else if (!known(held.doubted_s)) {
    held.doubted_s = memory.clock_s, held.doubted_charges = memory.charges;
  } else if (long_enough(held, memory)) {
    hold(held, now.topic, now.advice);
  }
  insight.advice = held.text;
}

}  // namespace cellwarden
