#pragma once
// What a report is made of. Whoever makes it has read the history or played a recording; here nothing is read.
#include <optional>
#include <string>
#include <vector>

#include "daemon/alerts/alert.h"
#include "daemon/analysis/day_point.h"
#include "daemon/analysis/insight.h"
#include "daemon/analysis/pack_settings.h"

namespace cellwarden::report {

/// An alert as it came or went.
struct PastAlert {
  std::optional<UtcTime> at = {};
  bool raised = true;
  std::string kind = {}, level = {}, text = {};
  std::optional<int> cell = {};
};

struct Facts {
  std::string id = {}, name = {};     ///< `name` empty: it has none
  std::optional<UtcTime> as_of = {};  ///< of the last reading
  std::optional<UtcTime> made = {};   ///< when the report is made; empty: `as_of`
  bool recorded = false;              ///< from a recording, not from the running service's history
  PackSettings settings = {};
  Limits limits = {};  ///< as they count
  Insight insight = {};
  std::vector<DayPoint> days = {};  ///< oldest first, like the next
  std::vector<ClosedSegment> segments = {};
  std::vector<Alert> standing = {};
  std::vector<PastAlert> told = {};  ///< as they came and went, oldest first
  std::optional<Energy> energy = {};
};

}  // namespace cellwarden::report
