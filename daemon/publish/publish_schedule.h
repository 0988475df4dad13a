#pragma once
// When a pack's state goes out: what moved beyond its dead band, at most every publish_min, at least every
// publish_max; an alarm that comes or goes at once. Pure; the time is handed in.
#include <optional>

#include "protocols/battery.h"

namespace cellwarden {

class PublishSchedule {
 public:
  PublishSchedule(double min_s, double max_s) : min_s_(min_s), max_s_(max_s) {}

  /// Whether `reading` is to be published at `now_s` (monotonic). Asked at every reading.
  bool due(const Reading& reading, double now_s) const;
  void published(const Reading& reading, double now_s);
  /// The next reading goes out whatever it says: the pack was away.
  void forget() { last_.reset(); }

 private:
  double min_s_, max_s_, at_s_ = 0;
  std::optional<Reading> last_;
};

/// Whether any value differs by more than its dead band, has become known or unknown.
bool moved(const Reading& from, const Reading& to);

}  // namespace cellwarden
