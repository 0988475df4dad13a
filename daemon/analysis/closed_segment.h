#pragma once
// One charge or discharge when it is over: what history keeps of it and the report tells.
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/analysis/stop_watch.h"

namespace cellwarden {

struct ClosedSegment {
  std::optional<UtcTime> ended_at = {};
  bool charge = true;
  Stop cause = Stop::unknown;
  double ah = 0, hours = 0;           ///< what went in (came out), and how long
  double edge_v = absent;             ///< highest cell of a charge, lowest of a discharge
  std::optional<int> edge_cell = {};  ///< from 1
  bool told = false;                  ///< it reached the end of the curve that says how the cells stand
  std::optional<double> usable_ah = {}, margin_mv = {};  ///< as known when it was over
  /// One per cell, absent (NaN) where it is not known: how far behind it was at this end, in % of the capacity, and its
  /// resistance.
  std::vector<double> offset_pct = {}, r_mohm = {};
};

inline constexpr std::array<std::string_view, 8> stop_names = {"unknown", "bms_cell", "bms_pack", "bms_other",
                                                               "charger", "source",   "load",     "user"};
constexpr std::string_view name(Stop stop) { return stop_names[static_cast<std::size_t>(stop)]; }

}  // namespace cellwarden
