// The short form of the score: fixed seeds, bounds that a regression breaks. The long form is `score`.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/analysis/score_table.h"

namespace {

/// Every row of section 21 that this many packs can judge.
void check_rows(const std::vector<score::PackScore>& packs, const std::vector<std::string>& left_out = {}) {
  for (const score::Row& row : score::score_table(packs)) {
    if (std::ranges::find(left_out, row.what) != left_out.end()) continue;
    INFO(row.what << ": " << row.achieved << ", asked " << row.goal);
    CHECK(row.met);
  }
}

}  // namespace

TEST_CASE("score: LFP packs of every kind meet the goals of section 21") {
  check_rows(score::run_grid(simulator::Chemistry::lfp, 2000, 6, 3));
}

TEST_CASE("score: lost samples and silences make nothing wrong") {
  check_rows(score::run_grid(simulator::Chemistry::lfp, 7000, 2, 3, {0.05, 3 * 3600}));
}

TEST_CASE("score: NMC and LTO verdicts; their offsets are coarser because their knees are wide") {
  const std::vector<std::string> coarse = {"T error, crossed in the knee (src 2)", "T error, any crossing (src 1, 2)",
                                           "B error, crossed", "discharge verdict live",
                                           "discharge verdict from history"};
  check_rows(score::run_grid(simulator::Chemistry::nmc, 5000, 1, 3), coarse);
  check_rows(score::run_grid(simulator::Chemistry::lto, 5000, 1, 3), coarse);
}
