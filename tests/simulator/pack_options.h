#pragma once
// What kind of battery, charger, load and BMS a simulated pack is.
#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulator/ocv_curve.h"

namespace simulator {

enum class Balancer { none, passive, active };

struct PackOptions {
  std::string name = "pack";
  Chemistry chemistry = Chemistry::lfp;
  int cells = 16;
  double capacity_ah = 100, soc_pct = 60;
  double spread = 1;              ///< of the cells' capacity, charge, resistance and measuring errors; 0: all alike
  std::vector<double> leaks_a{};  ///< self-discharge, cell 1 first; none where the list ends
  int ahead_cell = 0;             ///< this one is fuller than the others by `ahead_pct`; 0: none is
  double ahead_pct = 0;
  double charge_a = 20, load_a = 15;  ///< the charger's current limit (0: no charger); the mean load when discharging
  bool starts_charging = true;
  double until_soc_pct = 25;  ///< the owner charges again when the lowest cell is that empty
  // The charge ends below the tail current or when the voltage has been held for the absorption time.
  double absorption_v_per_cell = 3.45, tail_a = 2, absorption_s = 3600;
  // The BMS's own limits.
  double cell_ovp_v = 3.65, cell_ovp_release_v = 3.5, cell_uvp_v = 2.5, cell_uvp_release_v = 2.75;
  double pack_ovp_v_per_cell = 3.65, pack_ovp_release_v_per_cell = 3.5;
  double pack_uvp_v_per_cell = 2.5, pack_uvp_release_v_per_cell = 2.75;
  double full_cell_v = 3.5, empty_cell_v = 2.7;  ///< what its display calls 100 and 0 %
  Balancer balancer = Balancer::passive;
  double balance_start_v = 3.40, balance_delta_v = 0.015, balance_a = 0.1;
  std::uint32_t seed = 1;

  /// The highest load of one moment.
  double most_load_a() const { return 1.7 * load_a; }
};

/// A pack of that chemistry with its usual voltages.
PackOptions usual(Chemistry chemistry);

}  // namespace simulator
