#pragma once
// Section 21's table: what was achieved beside what is asked.
#include <ostream>
#include <vector>

#include "tests/analysis/score_pack.h"

namespace score {

struct Row {
  std::string what, achieved, goal;
  bool met = true;
  bool asked = true;  ///< false: shown only
};

std::vector<Row> score_table(const std::vector<PackScore>& packs);
void print(std::ostream& out, const std::vector<Row>& rows);

/// A line for each verdict that was wrong and each pack with a gross error: where to look.
void print_failures(std::ostream& out, const std::vector<PackScore>& packs);

/// Packs of every kind of section 21, `per_kind` each, seeds from `seed`.
std::vector<PackScore> run_grid(simulator::Chemistry chemistry, std::uint32_t seed, int per_kind, int cycles,
                                const Faults& faults = {});

}  // namespace score
