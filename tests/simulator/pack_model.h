#pragma once
// A battery that obeys physics: cells in series, a CC-CV charger, loads, and the BMS's own cut-offs and balancer.
// No clock: `step` is told how much time passes.
#include <cstdint>
#include <random>
#include <vector>

#include "tests/simulator/bms.h"
#include "tests/simulator/cell.h"
#include "tests/simulator/pack_options.h"

namespace simulator {

/// What the BMS measures at one moment, already rounded as it sends it.
struct Snapshot {
  std::vector<int> cells_mv;
  int pack_cv = 0;        ///< 10 mV
  int current_ca = 0;     ///< 10 mA, + charging
  int remaining_cah = 0;  ///< 10 mAh
  int soc_pct = 0;
  std::vector<int> temps_dk;  ///< 0.1 K
  bool charge_on = true, discharge_on = true;
  std::uint32_t balancing = 0;    ///< bit 0 = cell 1
  std::uint16_t protections = 0;  ///< bit 0 cell OV, 1 cell UV, 2 pack OV, 3 pack UV
};

/// Why the last charge ended.
enum class ChargeEnd { none_yet, tail_current, absorption_time, bms };

class PackModel {
 public:
  explicit PackModel(const PackOptions& options);

  void step(double dt_s);
  Snapshot measure();

  const PackOptions& options() const { return options_; }
  bool charging() const { return charging_; }
  ChargeEnd charge_end() const { return charge_end_; }
  double current_a() const { return current_a_; }
  /// Charge in all cells, Ah: what went in minus what went out and what the balancer burnt.
  double stored_ah(int cell) const { return of(cell).soc * of(cell).capacity_ah; }
  /// What the charger put in since the start, counted at the cells.
  double charged_kwh() const { return charged_kwh_; }
  double cell_v(int cell) const { return of(cell).voltage(current_a_); }

 private:
  const Cell& of(int cell) const { return cells_[static_cast<std::size_t>(cell)]; }
  std::vector<double> cells_v() const;
  void change_load(double dt_s);
  void decide_current(double dt_s);
  void charge(double dt_s);
  void discharge();
  void end_charge(ChargeEnd why);

  PackOptions options_;
  std::mt19937 random_;
  std::vector<Cell> cells_;
  Protections protections_;
  std::vector<double> balance_a_;
  bool charging_ = true;
  ChargeEnd charge_end_ = ChargeEnd::none_yet;
  double current_a_ = 0, load_now_a_ = 0, load_left_s_ = 0, held_s_ = 0, charged_kwh_ = 0;
};

}  // namespace simulator
