#pragma once
// What is the same for all packs of one chemistry: the curve and the voltages at which it speaks (cell-analytics 7, 9,
// 17, 20.1). LFP says something only in its two knees; NMC and LTO nearly everywhere.
#include <optional>
#include <span>
#include <string_view>

#include "daemon/analysis/ocv_curve.h"

namespace cellwarden {

enum class Chemistry { lfp, nmc, lto };

struct ChemistryTraits {
  Chemistry chemistry;
  const OcvCurve& curve;
  double hysteresis_v;                                ///< half width
  double lowest_v, highest_v;                         ///< outside is no cell of this chemistry
  std::span<const double> top_levels, bottom_levels;  ///< rising; falling
  double knee_v;                        ///< a crossing there or above is precise (src 2); the gate `top_charge` opens
  double bottom_v;                      ///< the gate `bottom` opens
  double live_v;                        ///< verdicts as it happens begin there
  double invert_v;                      ///< above it the voltage alone tells the state of charge
  double top_level_v, top_level_per_c;  ///< levels below this line are the loaded plateau
  double bottom_level_v, bottom_level_per_c;  ///< likewise, above it
  double plateau_low_v, plateau_high_v;       ///< current steps there tell resistance
  double rest_high_v;                         ///< a rest above it is a rest at the top
  double balance_start_v;                     ///< a balancer that starts below works on the plateau
  double top_low_v, top_high_v;               ///< where cells are balanced at the top
  double bottom_low_v, bottom_high_v;         ///< and at the bottom
  double top_start;                           ///< state of charge from which the end of a charge is played
  bool landmarks;                             ///< the plateau has steps by which curves can be aligned
  double most_after_knee, most_after_level;   ///< share of the capacity a cell can still take after crossing (LFP)

  /// The most a cell can still take after it crossed `level`, as a share of the capacity; more is a false crossing.
  double most_after(double level) const;
};

const ChemistryTraits& traits(Chemistry chemistry);
std::optional<Chemistry> chemistry_from_name(std::string_view name);
/// A cell's over-voltage limit belongs to one chemistry; empty when it fits none.
std::optional<Chemistry> chemistry_from_ovp(double cell_ovp_v);

}  // namespace cellwarden
