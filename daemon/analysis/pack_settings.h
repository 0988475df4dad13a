#pragma once
// What the owner says of a pack, as the analysis needs it. The config's reader fills it; unknown is absent.
#include <optional>
#include <string>

#include "protocols/battery.h"

namespace cellwarden {

struct PackSettings {
  std::optional<std::string> chemistry;  ///< lfp | nmc | lto; absent: what the BMS says, else what its OVP tells
  std::optional<double> capacity_ah;     ///< absent: what the BMS says
  struct Charger {
    std::optional<double> absorption_v, tail_current_a, current_a, absorption_time_s;
    bool operator==(const Charger&) const = default;
  } charger;
  std::optional<double> load_cutoff_v;
  Limits limits;  ///< override what the BMS says
  struct Balancer {
    std::optional<std::string> kind;  ///< active | passive
    std::optional<double> current_a, start_v, delta_v;
    bool operator==(const Balancer&) const = default;
  } balancer;

  /// The analysis's own thresholds; each has a key of its name in the config.
  struct Thresholds {
    double marginal_mv = 25;                        ///< |margin| below: verdict "marginal"
    double charge_headroom_mv = 100;                ///< recommended_charge_v keeps the highest cell so far below OVP
    double discharge_headroom_mv = 150;             ///< recommended_lvc_v keeps the lowest cell so far above UVP
    double balanced_pp = 1.0, unbalanced_pp = 1.5;  ///< balance_state: reached within, left beyond
    double offset_pp = 1.2, mismatch_pp = 2.0;      ///< class
    double cable_mohm = 1;                          ///< between charger and pack
    bool operator==(const Thresholds&) const = default;
  } thresholds;

  bool operator==(const PackSettings&) const = default;
};

}  // namespace cellwarden
