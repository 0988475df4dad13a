#pragma once
// One simulated pack through the analysis, and beside what was said what is true (cell-analytics 20, 21).
#include <optional>
#include <string>
#include <vector>

#include "daemon/analysis/analysis.h"
#include "tests/simulator/scenario_draw.h"

namespace score {

using cellwarden::ChargeVerdict;
using cellwarden::DischargeVerdict;
using cellwarden::PackClass;

struct OffsetScore {
  int src;
  double error_pp, truth_pp;
  bool odd_cell;  ///< the cell with the fault
};

struct ChargeScore {
  int cycle = 1;
  simulator::Outcome outcome = simulator::Outcome::source;
  double truth_margin_mv = 0;  ///< what it would have been had the BMS not cut
  std::optional<ChargeVerdict> before{}, live{};
  std::optional<double> margin_mv{}, live_margin_mv{};
  double lead_minutes = 0;  ///< from the first live verdict to the stop
};
struct DischargeScore {
  simulator::Outcome outcome = simulator::Outcome::user;
  double truth_margin_mv = 0;
  std::optional<DischargeVerdict> before{}, live{};
  std::optional<double> margin_mv{}, live_margin_mv{};
};
struct NextCharge {
  bool tripped;
  double headroom_mv;
};

struct PackScore {
  simulator::ScenarioKind kind;
  std::uint32_t seed = 0;
  std::size_t cells = 0;
  std::vector<OffsetScore> top, bottom;
  int bounded = 0, bounded_wrong = 0;  ///< cells said as ">= x" only, and those where that is not true
  int bottom_unsaid = 0;               ///< cells of which only a guess was held back
  std::vector<double> usable_error_pct, r_error_pct;
  std::vector<ChargeScore> charges;
  std::vector<DischargeScore> discharges;
  std::vector<NextCharge> followed;  ///< the next charge at the recommended voltage
  int too_unbalanced = 0;
  bool bottom_seen = false;
  std::optional<PackClass> pack_class;
  double readings = 0;
};

struct Faults {
  double lost_share = 0;        ///< samples that never arrive
  double gap_every_s = 0;       ///< a silence of five minutes that often
  double least_interval_s = 0;  ///< no pack is read more often: the short score has no time for every second
};

PackScore run_pack(const simulator::ScenarioOptions& options, const simulator::ScenarioKind& kind, int cycles,
                   const Faults& faults = {});

/// The settings and limits that an owner of that pack would have.
cellwarden::PackSettings settings_of(const simulator::ScenarioOptions& options);
cellwarden::Limits limits_of(const simulator::ScenarioOptions& options);
void fill(cellwarden::Reading& reading, const simulator::ScenarioSample& sample);

}  // namespace score
