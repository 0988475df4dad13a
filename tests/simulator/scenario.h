#pragma once
// One battery, its charger, loads, BMS and balancer over days: the ground truth of the analysis (cell-analytics 20).
// Pure and seeded; no clock, no allocation per sample. Several packs are several scenarios.
//
// A cycle is charge, rest (20 min), discharge, rest (10 min); `daily` then waits for the next day.
#include <cstdint>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include "tests/simulator/cell.h"

namespace simulator {

struct ScenarioCell {
  double capacity_ah = 100, soc = 0.5;
  double r0_ohm = 0.0006, r1_ohm = 0.00024;  ///< at once; over the RC's minute
  double leak_a = 0, leak_from_s = 0;
  double torqued_s = -1, torqued_ohm = 0;  ///< from then on `r0_ohm` is this: its bus bar was tightened; < 0: never
  double adc_v = 0;                        ///< the BMS sees this cell that much higher
};

struct ScenarioCharger {
  double current_a = 20, set_v = 13.8, tail_a = 2, absorption_s = 3600;
  double source_s = 14 * 3600;  ///< then the sun is gone
  double cable_ohm = 0.001;
  bool clouds = false;
  double dull_share = 0;                                              ///< of the days, on which the sun gives a sixth
  double winter_from_s = 0, winter_until_s = 0, winter_source_s = 0;  ///< between: the sun is gone earlier
};

struct ScenarioLoad {
  double discharge_a = 20;  ///< steady, in the discharge phase
  double steps_most_a = 0;  ///< on top, charging too: steps of 0..most, one per 300 s in the mean
  double until_soc = 0.2;   ///< the discharge ends there (mean of the cells); below 0: only by `cutoff_v` or the BMS
  double cutoff_v = 11;
};

struct ScenarioBms {
  double cell_ovp_v = 3.65, cell_ovp_release_v = 3.50, cell_uvp_v = 2.5, cell_uvp_release_v = 2.75;
  enum class Balancer { none, passive, active } balancer = Balancer::none;
  double balance_a = 0.1, balance_start_v = 3.40, balance_delta_v = 0.015;
};

struct ScenarioOptions {
  Chemistry chemistry = Chemistry::lfp;
  double capacity_ah = 100;  ///< nominal
  std::vector<ScenarioCell> cells;
  Knees knees;
  double hysteresis_v = 0.008;
  ScenarioCharger charger;
  ScenarioLoad load;
  ScenarioBms bms;
  double interval_s = 5, noise_v = 0.001, current_noise_a = 0.1, current_offset_a = 0;
  double days = 1;
  bool daily = false;  ///< one cycle a day, else one after the other
  std::uint32_t seed = 1;
};

enum class Phase { charge, rest_full, discharge, rest_empty, night };
enum class Outcome { bms, charger, source, load, user };
inline constexpr std::string_view phase_names[] = {"charge", "rest_full", "discharge", "rest_empty", "night"};
inline constexpr std::string_view outcome_names[] = {"bms", "charger", "source", "load", "user"};

/// What the BMS says at one moment, rounded as it sends it.
struct ScenarioSample {
  double t_s = 0;
  std::vector<double> cells_v;
  double pack_v = 0, current_a = 0, soc_pct = 0, temp_c = 25;
  bool charge_on = true, discharge_on = true;
  std::uint32_t balancing = 0;  ///< bit 0 = cell 1
};

/// How a charge or a discharge really ended.
struct PhaseEnd {
  double t_s = 0;
  int cycle = 1;
  Phase phase = Phase::charge;
  Outcome outcome = Outcome::user;
  std::vector<double> offset_ah;  ///< T_i after a charge, B_i after a discharge
  double usable_ah = 0;
  double peak_v = 0;  ///< highest cell of this charge (lowest of this discharge), as the BMS sees it without noise
  int peak_cell = 0;  ///< from 1
};

class Scenario {
 public:
  explicit Scenario(const ScenarioOptions& options);

  /// One interval further; false when the days are over.
  bool next();
  const ScenarioSample& sample() const { return sample_; }
  /// What ended with this sample; nullptr when nothing did.
  const PhaseEnd* ended() const { return ended_ ? &end_ : nullptr; }

  const ScenarioOptions& options() const { return options_; }
  /// Charger, load and BMS may be set anew on the way; the cells and the curve stay.
  ScenarioOptions& change() { return options_; }
  Phase phase() const { return phase_; }
  int cycle() const { return cycle_; }
  double current_a() const { return current_a_; }  ///< true
  double soc(int cell) const { return at(cell).soc; }
  double cell_v(int cell) const { return at(cell).v; }  ///< true
  double usable_ah() const;
  double top_ah(int cell) const { return at(cell).capacity_ah * (1 - at(cell).soc); }  ///< to full
  double bottom_ah(int cell) const { return at(cell).capacity_ah * at(cell).soc; }     ///< to empty

 private:
  struct PackCell : Cell {
    explicit PackCell(const ScenarioCell& cell);
    double leak_from_s, torqued_s, torqued_ohm, e = 0, v = 0, balance_a = 0;  ///< `e` by the pack's own curve
    double seen_v() const { return v + adc_v; }
  };
  const PackCell& at(int cell) const { return cells_[static_cast<std::size_t>(cell)]; }
  void draw_weather();
  void tighten();
  double source_s() const;
  void decide_current();
  void move(double dt_s);
  bool steep() const;
  void protect();
  void balance();
  void note_peak();
  std::optional<Outcome> outcome() const;
  void finish(Outcome outcome);
  void enter(Phase phase);
  void measure();

  ScenarioOptions options_;
  OcvCurve curve_;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  std::vector<PackCell> cells_;
  std::uint64_t count_ = 0;
  double now_s_ = 0, phase_s_ = 0, cv_s_ = 0;
  double current_a_ = 0, load_a_ = 0, load_left_s_ = 0, cloud_ = 0, counted_ah_ = 0;
  int day_ = -1;
  double dull_ = 1;
  bool in_cv_ = false, charge_on_ = true, discharge_on_ = true, ended_ = false;
  Phase phase_ = Phase::charge;
  int cycle_ = 1;
  ScenarioSample sample_;
  PhaseEnd end_;
};

}  // namespace simulator
