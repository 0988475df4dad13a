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

struct Facts {
  std::string id = {}, name = {};     ///< `name` empty: it has none
  std::optional<UtcTime> as_of = {};  ///< the moment it tells of
  bool recorded = false;              ///< from a recording, not from the running service's history
  PackSettings settings = {};
  Limits limits = {};  ///< as they count
  Insight insight = {};
  std::vector<DayPoint> days = {};  ///< oldest first, like the next
  std::vector<ClosedSegment> segments = {};
  std::vector<Alert> standing = {};
  std::optional<Energy> energy = {};
};

}  // namespace cellwarden::report
