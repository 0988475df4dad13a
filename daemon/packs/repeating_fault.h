#pragma once
// A repeating fault is said once, then at widening intervals, and once when it is over.
#include <chrono>
#include <string>

#include "protocols/link.h"

namespace cellwarden {

class RepeatingFault {
 public:
  /// True when `what` is to be said now: it is new, or the last time is long enough ago (1 min, 10 min, then hourly).
  bool say(const std::string& what, SteadyTime now) {
    if (what == what_ && now < next_) {
      return false;
    }
    if (what != what_) times_ = 0;
    what_ = what;
    next_ = now + intervals[times_ < 2 ? times_ : 2];
    ++times_;
    return true;
  }

  /// True when a fault stood and is over now.
  bool over() {
    const bool stood = !what_.empty();
    *this = {};
    return stood;
  }

 private:
  static constexpr std::chrono::minutes intervals[] = {std::chrono::minutes(1), std::chrono::minutes(10),
                                                       std::chrono::minutes(60)};
  std::string what_;
  SteadyTime next_{};
  std::size_t times_ = 0;
};

}  // namespace cellwarden
