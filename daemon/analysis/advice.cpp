#include "daemon/analysis/advice.h"

#include "daemon/analysis/advice_rules.h"

namespace cellwarden {

namespace {

constexpr double day_s = 86400;

bool near(double now, double before, double give) {
  return known(now) == known(before) && (!known(now) || std::abs(now - before) <= give);
}

/// The same sentence, apart from what its numbers may vary. Which cell it is may be open from charge to charge.
bool same(const HeldAdvice& held, Topic topic, const Advice& advice) {
  if (held.topic != static_cast<int>(topic)) return false;
  if (held.cell != advice.cell && held.cell != 0 && advice.cell != 0) return false;
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

/// What is more urgent, or has other numbers, comes sooner than what is over goes.
bool long_enough(const HeldAdvice& held, const Memory& memory, Topic now) {
  const double days = (memory.clock_s - held.doubted_s) / day_s;
  const int charges = memory.charges - held.doubted_charges;
  const bool comes = now != Topic::none && static_cast<int>(now) <= held.topic;
  return comes ? days >= 3 || (days >= 1 && charges >= 2) : days >= 7 || (days >= 3 && charges >= 3);
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
  if (held.topic < 0) hold(held, now.topic, now.advice);
  if (same(held, now.topic, now.advice)) {
    held.doubted_s = absent;
  } else if (!known(held.doubted_s)) {
    held.doubted_s = memory.clock_s, held.doubted_charges = memory.charges;
  } else if (long_enough(held, memory, now.topic)) {
    hold(held, now.topic, now.advice);
  }
  insight.advice = held.text;
}

}  // namespace cellwarden
