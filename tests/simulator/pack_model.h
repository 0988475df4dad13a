#pragma once
// A battery that obeys physics: cells in series (OCV, resistance, one RC, capacity and charge each), a CC-CV charger,
// loads, and the BMS's own cut-offs and balancer. No clock: `step` is told how much time passes.
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace simulator {

struct PackOptions {
  std::string name = "pack";
  int cells = 16;
  double capacity_ah = 100, soc_pct = 60;
  double charge_a = 20, load_a = 15;  ///< the charger's current limit; the mean load when discharging
  double absorption_v_per_cell = 3.45, tail_a = 2;
  double cell_ovp_v = 3.65, cell_ovp_release_v = 3.5, cell_uvp_v = 2.5, cell_uvp_release_v = 2.75;
  double balance_start_v = 3.40, balance_delta_v = 0.015, balance_a = 0.1;  ///< passive
  bool starts_charging = true;
  std::uint32_t seed = 1;

  double most_load_a() const { return 1.7 * load_a; }
};

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
  std::uint16_t protections = 0;  ///< bit 0 cell OV, bit 1 cell UV
};

class PackModel {
 public:
  explicit PackModel(const PackOptions& options);

  void step(double dt_s);
  Snapshot measure();

  const PackOptions& options() const { return options_; }
  bool charging() const { return charging_; }
  double current_a() const { return current_a_; }
  /// Charge in all cells, Ah: what went in minus what went out and what the balancer burnt.
  double stored_ah(int cell) const {
    return cells_[static_cast<std::size_t>(cell)].soc * cells_[static_cast<std::size_t>(cell)].capacity_ah;
  }
  double cell_v(int cell) const;

 private:
  struct Cell {
    double capacity_ah, soc, r0, r1, rc_v = 0, adc_v;
    bool balancing = false;
  };
  void decide_current(double dt_s);
  void protect();
  void balance();
  double voltage(const Cell& cell, double current) const;

  PackOptions options_;
  std::mt19937 random_;
  std::vector<Cell> cells_;
  bool charging_ = true;
  double current_a_ = 0, load_now_a_ = 0, load_left_s_ = 0;
  bool charge_on_ = true, discharge_on_ = true;
};

}  // namespace simulator
