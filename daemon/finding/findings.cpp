#include "daemon/finding/findings.h"

#include <algorithm>
#include <cmath>

namespace cellwarden::finding {

namespace {

/// Seen of Daly (daly.md 0). Two boards differ by more in some cell; one of them, asked twice, by less.
bool is_same_board(const Found& a, const Found& b) {
  constexpr double most_apart_v = 0.0025;
  if (a.how.protocol->brand != b.how.protocol->brand || a.how.protocol == b.how.protocol) return false;
  return std::ranges::equal(a.reading.cells_v, b.reading.cells_v, [](const auto& x, const auto& y) {
    return x.has_value() == y.has_value() && (!x || std::abs(*x - *y) < most_apart_v);
  });
}

}  // namespace

void take(Outcome outcome, const Try& how, Findings& into, const Say& say) {
  for (Found& found : outcome.found) {
    const std::string who = std::string(found.how.protocol->brand) + ' ' + found.identity.model.value_or("BMS");
    const auto same = std::ranges::find_if(into.found, [&](const Found& other) { return is_same_board(found, other); });
    if (same == into.found.end()) {
      say("    found: " + who + (found.how.address ? ", address " + std::to_string(found.how.address) : ""));
      into.found.push_back(std::move(found));
    } else {
      say("    found: " + who + ", and it seems to be the one that answers " + std::string(same->how.protocol->id));
      same->also.push_back(found.how);
    }
  }
  if (!outcome.found.empty()) return;
  if (!outcome.said.empty()) {
    say("    " + outcome.said);
  } else if (outcome.made_sense) {
    say("    somebody answers " + std::string(how.protocol->id) + ", but no whole reading came");
  }
}

Task<void> ask_all(Link& link, std::vector<Try> tries, Goal goal, Duration for_others, const Say& say, Findings& into) {
  for (const Try& how : tries) {
    say(text(how));
    AdapterOptions options{.address = how.address};
    if (how.address != 0) options.addresses = {how.address};
    const Patience patient{patience(how), to_finish, for_others};
    Outcome outcome = co_await converse(link, how, options, patient);
    take(std::move(outcome), how, into, say);
    if (goal == Goal::first && !into.found.empty()) co_return;
  }
}

}  // namespace cellwarden::finding
