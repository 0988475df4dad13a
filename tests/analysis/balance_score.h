#pragma once
// Packs whose balancer works them together: what was said of the time it takes against the time it took (cell-analytics
// 15, 21).
#include "tests/analysis/score_table.h"

namespace score {

struct BalanceScore {
  bool active = false, asked = false, said_never = false;
  std::uint32_t seed = 0;
  double asked_day = 0, balanced_day = -1;  ///< -1: not in the time of the run
  std::optional<double> said_days{};
};

BalanceScore run_balance(simulator::ScenarioOptions options, double said_after_days);
/// Half of them active, half passive; one cell 3 to 6 % ahead or behind.
std::vector<BalanceScore> run_balances(std::uint32_t seed, int packs);
std::vector<Row> balance_table(const std::vector<BalanceScore>& packs);

}  // namespace score
