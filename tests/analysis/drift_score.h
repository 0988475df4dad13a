#pragma once
// Packs that are followed for two months, some with one cell that leaks: who is found, when, and who wrongly
// (cell-analytics 21, second table).
#include "tests/analysis/score_table.h"

namespace score {

struct DriftScore {
  double leak_pct_day = 0, from_day = 0;  ///< 0: a healthy pack
  std::uint32_t seed = 0;
  std::size_t cells = 0;
  double found_day = -1, suspect_day = -1;   ///< of the leaking cell, counted from the day the leak begins; -1: not
  int false_drifts = 0, false_suspects = 0;  ///< healthy cells said to drift, or suspected, at any time
  double leak_error_pct = 0;                 ///< of the equivalent leak, where it was said at the end
  bool leak_said = false;
  int crossed_days = 0;  ///< of the leaking cell
};

DriftScore run_drift(const simulator::ScenarioOptions& options, const simulator::ScenarioKind& kind);
/// `leaking` packs over the leaks of the table, and a third as many healthy ones.
std::vector<DriftScore> run_drifts(std::uint32_t seed, int leaking, int threads = 1);
std::vector<Row> drift_table(const std::vector<DriftScore>& packs);

}  // namespace score
