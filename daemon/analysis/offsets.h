#pragma once
// What a closed segment says of the cells' offsets (cell-analytics 7.1-7.3 and 9), merged with what was known before.
#include <optional>

#include "daemon/analysis/chemistry.h"
#include "daemon/analysis/crossings.h"
#include "daemon/analysis/curve_alignment.h"

namespace cellwarden {

struct Offset {
  double ah = absent;
  double at_least = absent;  ///< where only a bound is known
  double guess = absent;     ///< beside a bound, for the models only
  double trust = 1;
  double time_s = 0;  ///< when measured, on the analysis's own clock
  int src = 0;        ///< top: 2, 1, 3, 4, -1; bottom: 1 crossed; 0 only guessed

  /// The best number for a model; the published output is absent where only a bound is known.
  double for_model() const { return known(ah) ? ah : known(guess) ? guess : 0; }
};

struct Offsets {
  bool seen = false;
  std::size_t first = 0;  ///< index of the first cell full (empty)
  double time_s = 0;
  int cycles = 0;        ///< segments that said something
  double spread_ah = 0;  ///< of the known ones
  bool bounded = false;  ///< some cell has only a lower bound
  std::array<Offset, max_cells> cells{};

  template <class Visit>
  void each_field(Visit&& visit) {
    visit(seen), visit(first), visit(time_s), visit(cycles), visit(spread_ah), visit(bounded);
    for (auto& cell : cells)
      visit(cell.ah), visit(cell.at_least), visit(cell.guess), visit(cell.trust), visit(cell.time_s), visit(cell.src);
  }
};

/// A charge or discharge as it stands when it ends.
struct SegmentFacts {
  std::size_t cells = 0;
  double capacity_ah = 0, q_end = 0, time_s = 0, trust = 1;
  bool finished = true;  ///< the charger or the BMS ended it, not a cloud or a gap
  bool whole = true;     ///< no gap cut it: its curve may be aligned
  Cells peak_u{};        ///< highest (discharging: lowest) u of each cell
  Cells u_then{};        ///< u of all cells when the first was at its peak
  Cells rest_sum{};      ///< of u, after the current had ceased for ten minutes
  double rest_count = 0;
};

/// The first cell full and the level at which it is known; empty when the top was not reached.
struct Leader {
  std::size_t cell, level;
};
std::optional<Leader> leader(const Crossings& crossings, std::size_t cells);

/// Drops crossings after which a cell took more than any cell can.
void drop_false_crossings(Crossings& crossings, const SegmentFacts& facts, const ChemistryTraits& chemistry);

/// True when the segment said something of the top (bottom).
bool resolve_top(Crossings& crossings, const ChargeCurves& curves, const SegmentFacts& facts,
                 const ChemistryTraits& chemistry, Offsets& known_before);
bool resolve_bottom(const Crossings& crossings, const ChargeCurves& curves, const SegmentFacts& facts,
                    const ChemistryTraits& chemistry, Offsets& known_before);

}  // namespace cellwarden
