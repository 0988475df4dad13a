#pragma once
#include <functional>
#include <iosfwd>

#include "config/config.h"
#include "daemon/alerts/alerts.h"
#include "daemon/analysis/analysis.h"

namespace cellwarden {

/// One pack as the service would follow it, its time told by the readings.
class ReplayedPack {
 public:
  /// `events`: where each alert that comes or goes is written, one JSON object per line; nullptr: nowhere.
  ReplayedPack(const PackConfig& pack, std::ostream* events);

  void on_limits(const Limits& limits) { analysis_.on_limits(limits); }
  void on_reading(const Reading& reading);
  const Insight& insight() const { return analysis_.insight(); }
  const Limits& limits() const { return analysis_.limits(); }
  std::vector<ClosedSegment> take_closed() { return analysis_.take_closed(); }
  /// Called with every alert that comes or goes, where events are written.
  void tell(std::function<void(const AlertEvent&)> on_event) { on_event_ = std::move(on_event); }
  /// Only where events are written.
  const std::vector<Alert>& standing() const { return alerts_.standing(); }

 private:
  void tick_until(double to_s);
  void write_events(double t_s);

  Analysis analysis_;
  Alerts alerts_;
  std::ostream* events_;
  std::function<void(const AlertEvent&)> on_event_;
  std::optional<double> last_s_;
};

}  // namespace cellwarden
