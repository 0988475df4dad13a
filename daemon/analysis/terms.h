#pragma once
// What is agreed of a pack before any reading: settings over what the BMS says, the chemistry, the capacity.
#include "daemon/analysis/chemistry.h"
#include "daemon/analysis/insight.h"
#include "daemon/analysis/memory.h"
#include "daemon/analysis/pack_settings.h"

namespace cellwarden {

struct Terms {
  PackSettings settings;
  Limits limits;                               ///< the BMS's, overridden by the settings
  const ChemistryTraits* chemistry = nullptr;  ///< nullptr: unknown
  double capacity_ah = absent;

  explicit Terms(const PackSettings& from) : settings(from) { on_limits({}); }
  void on_limits(const Limits& from_bms);

  bool complete() const { return chemistry && known(capacity_ah); }
  Reason missing() const { return !chemistry ? Reason::chemistry_unknown : Reason::no_capacity; }

  /// The voltage at which the charger holds: configured, asked for by the BMS, else learned. absent when none is known.
  double charger_v(const Memory& memory) const;
  /// The pack voltage at which the load lets go: configured, else learned.
  double cutoff_v(const Memory& memory) const;
  double tail_a() const { return settings.charger.tail_current_a.value_or(0.02 * capacity_ah); }
  double absorption_s() const { return settings.charger.absorption_time_s.value_or(3600); }
  /// Where the balancer begins, and at what difference: configured, else what the BMS says, else usual.
  double balance_start_v() const {
    const auto& own = settings.balancer.start_v;
    return own ? *own : limits.balance_start_v.value_or(chemistry->balance_start_v);
  }
  double balance_delta_v(double usual) const {
    const auto& own = settings.balancer.delta_v;
    return own ? *own : limits.balance_delta_v.value_or(usual);
  }
  double cable_ohm() const { return settings.thresholds.cable_mohm / 1000; }
  double ovp_v() const { return limits.cell_ovp_v.value_or(absent); }
  double uvp_v() const { return limits.cell_uvp_v.value_or(absent); }
};

}  // namespace cellwarden
