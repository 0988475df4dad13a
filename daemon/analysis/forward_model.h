#pragma once
// Which stops first, the BMS or the charger (the load)? The pack's last percents played forward (cell-analytics 13).
//
//   v_i = OCV(1 - (1 - z_i) kappa) + h + 1.35 R_i I        I = min(I_source, (V_set - sum(OCV + h)) / (sum 1.35 R +
//   R_cable))
#include "daemon/analysis/cells.h"
#include "daemon/analysis/chemistry.h"

namespace cellwarden {

/// A pack at the moment the play begins.
struct PackAtStart {
  const ChemistryTraits* chemistry = nullptr;
  std::size_t cells = 0;
  double capacity_ah = 0;
  Cells soc{};  ///< in shares of the nominal capacity
  Cells ohm{};
  double kappa_top = 1, kappa_bottom = 1;  ///< larger: this pack's knee is narrower than the table's
  double bias_v = 0;                       ///< what former predictions of the first cell were short of
};

struct ChargePlan {
  double current_a = 0;
  double set_v = absent;  ///< the charger's voltage; absent: it pushes until the BMS stops it
  double tail_a = 0, absorption_s = 3600, cable_ohm = 0.001;
  double cell_ovp_v = absent, pack_ovp_v = absent;
};
struct ChargeForecast {
  double peak_v = 0;  ///< highest cell if nothing but the charger stops the charge
  std::size_t peak_cell = 0;
  double peak_pack_v = 0;
  double pack_v_at_limit = absent;  ///< when the first cell reaches its limit
  double minutes_to_limit = absent, minutes_to_end = absent;
};
ChargeForecast forecast_charge(PackAtStart pack, const ChargePlan& plan);

struct DischargePlan {
  double current_a = 0;  ///< a positive magnitude
  double cutoff_v = absent, cell_uvp_v = absent, pack_uvp_v = absent;
};
struct DischargeForecast {
  double lowest_v = absent;  ///< lowest cell when the load stops by itself
  std::size_t lowest_cell = 0;
  double pack_v_at_limit = absent;  ///< when the first cell reaches its limit
  double minutes_to_limit = absent, minutes_to_end = absent;
};
DischargeForecast forecast_discharge(PackAtStart pack, const DischargePlan& plan);

}  // namespace cellwarden
