#pragma once
// What became of a pack, for its report: charges and discharges, days, alerts, and what its BMS cuts at. It goes on
// without: what cannot be written is said once.
//
//   kept, of each pack   the newest 1,500 charges and discharges, 3,700 days (ten years), 1,000 alerts: about 0.8 MB
#include <string>
#include <vector>

#include "daemon/analysis/day_point.h"
#include "daemon/history/history.h"

namespace cellwarden {

/// An alert as it came or went.
struct LoggedAlert {
  std::optional<UtcTime> at = {};
  bool raised = true;
  std::string alert = {}, level = {}, text = {};
  std::optional<int> cell = {};
};

class Chronicle {
 public:
  static constexpr int most_segments = 1500, most_days = 3700, most_alerts = 1000;

  /// `history` outlives it.
  explicit Chronicle(History& history) : history_(history) {}

  /// A segment without a time is not kept: it could not be put in its place.
  void add(const std::string& pack_id, const ClosedSegment& segment);
  void add(const std::string& pack_id, const LoggedAlert& alert);
  void set_limits(const std::string& pack_id, const Limits& limits);

  // Oldest first; throw DatabaseError.
  std::vector<ClosedSegment> segments(const std::string& pack_id);
  std::vector<DayPoint> days(const std::string& pack_id);
  std::vector<LoggedAlert> alerts(const std::string& pack_id);
  std::optional<Limits> limits(const std::string& pack_id);

 private:
  std::optional<DayPoint> day(const std::string& pack_id, std::chrono::sys_days day);
  void write(const DayPoint& point, const std::string& pack_id);
  template <class Change>
  void change(Change&& change);

  History& history_;
  std::string fault_;
  int written_ = 0;  ///< in a row, since the fault
};

}  // namespace cellwarden
