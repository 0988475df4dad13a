#pragma once
// A small pack for tests of behaviour: one odd cell, full and empty within hours, no noise but the millivolt's.
#include "daemon/analysis/analysis.h"
#include "tests/analysis/score_pack.h"

namespace made {

inline simulator::ScenarioOptions pack(double ahead_pp = 0, int cells = 4) {
  simulator::ScenarioOptions o;
  o.capacity_ah = 100;
  for (int i = 0; i < cells; ++i) {
    o.cells.push_back({.capacity_ah = 100, .soc = 0.30 + (i == 1 ? ahead_pp / 100 : 0)});
  }
  o.charger = {.current_a = 30, .set_v = 3.45 * cells, .tail_a = 3, .clouds = false};
  o.load = {.discharge_a = 30, .steps_most_a = 8, .until_soc = -1, .cutoff_v = 2.9 * cells};
  o.noise_v = 0.0005;
  o.days = 3;
  return o;
}

/// A scenario and the analysis that listens to it.
struct House {
  explicit House(const simulator::ScenarioOptions& options) : scenario(options), analysis(score::settings_of(options)) {
    analysis.on_limits(score::limits_of(options));
  }
  /// Until `done()`; false when the days are over first. `heard` may change or drop (return false) a reading.
  template <class Done, class Heard>
  bool run_until(Done done, Heard heard) {
    while (scenario.next()) {
      score::fill(reading, scenario.sample());
      if (heard(reading)) analysis.on_reading(reading);
      if (done()) return true;
    }
    return false;
  }
  template <class Done>
  bool run_until(Done done) {
    return run_until(done, [](cellwarden::Reading&) { return true; });
  }
  bool run_to(simulator::Phase phase, int cycle) {
    return run_until([&] { return scenario.phase() == phase && scenario.cycle() == cycle; });
  }

  simulator::Scenario scenario;
  cellwarden::Analysis analysis;
  cellwarden::Reading reading;
};

}  // namespace made
