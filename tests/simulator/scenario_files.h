#pragma once
// A scenario as files: the replay CSV (design.md 5), apart from it the truth as JSON lines, and the config that tells
// `cellwarden replay` of the pack's settings.
#include <iosfwd>

#include "tests/simulator/scenario.h"

namespace simulator {

/// t_s,pack_v,current_a,soc_pct,charge_on,discharge_on,balancing,temp_c,cell_1_v,...
class CsvWriter {
 public:
  CsvWriter(std::ostream& out, std::size_t cells);
  void write(const ScenarioSample& sample);

 private:
  std::ostream& out_;
  std::string row_;
};

/// {"pack":{...}}: what the cells, the charger and the limits are.
std::string truth_of_pack(const ScenarioOptions& options);
/// {"t_s":..,"phase":"charge","outcome":"bms","offset_top_ah":[...],"usable_ah":..,"peak_cell":3,"peak_cell_v":..}, or
/// of a discharge with offset_bottom_ah, lowest_cell and lowest_cell_v.
std::string truth_of_end(const PhaseEnd& end);
/// A config file with the one pack.
std::string config_of_pack(const ScenarioOptions& options);

/// The whole scenario; each path but `csv` may be empty. Throws BadOption when a file cannot be written.
struct ScenarioFiles {
  std::string csv, truth, config;
};
void write_scenario(const ScenarioOptions& options, const ScenarioFiles& files);

}  // namespace simulator
