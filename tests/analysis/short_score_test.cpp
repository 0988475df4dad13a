// The short form of the score: fixed seeds, bounds that a regression breaks. The long form is `score`.
#include <doctest/doctest.h>

#include "tests/analysis/score_table.h"

namespace {

void check_rows(const std::vector<score::PackScore>& packs) {
  for (const score::Row& row : score::score_table(packs)) {
    INFO(row.what << ": " << row.achieved << ", asked " << row.goal);
    CHECK(row.met);
  }
}

}  // namespace

TEST_CASE("score: LFP packs of every kind meet the goals of section 21") {
  check_rows(score::run_grid(simulator::Chemistry::lfp, 2000, 6, 3, {.least_interval_s = 2}));
}

TEST_CASE("score: lost samples and silences make nothing wrong") {
  check_rows(score::run_grid(simulator::Chemistry::lfp, 7000, 2, 3, {0.05, 3 * 3600, 2}));
}

TEST_CASE("score: NMC and LTO packs of every kind meet the same goals") {
  check_rows(score::run_grid(simulator::Chemistry::nmc, 5000, 2, 2, {.least_interval_s = 2}));
  check_rows(score::run_grid(simulator::Chemistry::lto, 5000, 2, 2, {.least_interval_s = 2}));
}
