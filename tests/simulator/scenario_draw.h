#pragma once
// Batteries drawn by a seed, with one thing wrong: the grid of cell-analytics 21 and the packs of its drift table.
#include <string>

#include "tests/simulator/scenario.h"

namespace simulator {

/// What is wrong; `year`: one thing after another. Amounts: offset in pp of the nominal capacity (+ is fuller), weak in
/// % of capacity lost, resistance as a factor, leak in % of the capacity a day, scatter as +- pp on every cell.
struct ScenarioKind {
  enum class What { balanced, offset, weak, leak, resistance, scatter, year } what = What::balanced;
  int cell = 1;  ///< from 1
  double amount = 0, from_day = 0;
};

/// balanced | offset=CELL:PP | weak=CELL:PCT | leak=CELL:PCT_PER_DAY[:FROM_DAY] | resistance=CELL:FACTOR | scatter=PP |
/// year.
/// Throws BadOption (keys.h).
ScenarioKind kind_from_text(const std::string& text);

/// Section 21: 4, 8 or 16 cells, 1..10 s, noise 1..5 mV, 100..280 Ah, 0.1..0.5C, with and without clouds and load
/// steps, CV 3.40..3.55 V (LFP; the other chemistries likewise), full cycles one after the other, half of them down to
/// the end.
ScenarioOptions draw_from_grid(const ScenarioKind& kind, std::uint32_t seed, Chemistry chemistry = Chemistry::lfp);

/// One cycle a day under clouds, healthy leaks of about 0.002 %/day: section 21's drift table.
struct DailyPack {
  int cells = 16;
  double capacity_ah = 280, interval_s = 5, days = 60;
  Chemistry chemistry = Chemistry::lfp;
};
/// `year`: dull days; cell 4's bus bar is loose until day 200; cell 7 leaks from day 100; from day 275 to 335 the sun
/// does not fill the pack. Of other `days` the same in proportion.
inline constexpr int year_loose_cell = 4, year_leaking_cell = 7;
ScenarioOptions draw_daily(const ScenarioKind& kind, std::uint32_t seed, const DailyPack& pack = {});

}  // namespace simulator
