#pragma once
// What the days of a pack tell together: since when it is out of balance, which connection changed, when it was not
// full, since when a cell drifts.
#include <optional>
#include <vector>

#include "daemon/analysis/day_point.h"
#include "daemon/analysis/pack_settings.h"

namespace cellwarden::report {

/// The present run of days on which the cells were apart or the BMS ended a charge. A day that tells nothing, or little
/// (between balanced and not), does not end it.
struct Trouble {
  std::chrono::sys_days since{};
  bool from_the_first = false;  ///< it was so when it was first looked at
  int cut_by_bms = 0;           ///< charges since
};
std::optional<Trouble> present_trouble(const std::vector<DayPoint>& days, const PackSettings::Thresholds& thresholds);

/// A cell's resistance changed for good from one day to the next, and not because all cells' did.
struct ResistanceStep {
  std::chrono::sys_days day{};
  int cell = 0;  ///< from 1
  double before_mohm = 0, after_mohm = 0;
};
/// Oldest first; the newest few.
std::vector<ResistanceStep> resistance_steps(const std::vector<DayPoint>& days);

/// More than two weeks without a charge that reached the top.
struct Drought {
  std::chrono::sys_days from{}, to{};  ///< the last full charge before, the first one after
  bool stands = false;                 ///< there is none after
};
std::vector<Drought> droughts(const std::vector<DayPoint>& days, std::chrono::sys_days today);

/// The day on which the cell began to fall behind (or ahead); empty where it did from the first day on, or where the
/// days do not tell.
std::optional<std::chrono::sys_days> drift_began(const std::vector<DayPoint>& days, int cell);

/// How far the cells were apart at the top, as far as known; absent: nothing is.
double spread_pct(const DayPoint& day);

}  // namespace cellwarden::report
