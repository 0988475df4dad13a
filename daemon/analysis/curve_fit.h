#pragma once
// The whole curve where it speaks everywhere (NMC, LTO). One level is crossed too early by a cell that the BMS reads
// high or whose resistance is not known; along the curve the four things that set cells apart look different, so a
// least-squares fit tells them apart:
//
//   behind   grows with the slope of the curve            capacity    grows with the slope and the way to the end
//   sense    the same everywhere                          resistance  goes with the current
#include "daemon/analysis/curve_alignment.h"

namespace cellwarden {

/// What the fit of one charge (discharge) begins with.
struct FitStart {
  Cells behind_ah{};     ///< by a level that both crossed; absent leaves the cell out
  double to_end_ah = 0;  ///< from the end of the segment until the first cell is full (empty)
  double capacity_ah = 0;
  Cells rest_u{};  ///< after the current had ceased for long; absent: it did not
};

struct Fitted {
  Cells behind_ah{};
  Cells deviation_ah{};  ///< how uncertain that stays where a cell shared little of the curve with the others
};

/// Ah that each cell is behind when the first is full (empty), or nothing where the curve is too short or the cells do
/// not follow one curve.
std::optional<Fitted> fit_curves(const ChargeCurves& curves, const FitStart& start);

}  // namespace cellwarden
