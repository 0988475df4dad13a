#pragma once
// What a BMS does by itself: it opens its MOSFETs and it balances. Both look at the cells' voltages of one moment.
#include <cstdint>
#include <span>
#include <vector>

#include "tests/simulator/pack_options.h"

namespace simulator {

/// A limit trips at its value and lets go again at its release.
class Protections {
 public:
  void see(const PackOptions& limits, std::span<const double> cells_v);

  bool charge_on() const { return !cell_ov_ && !pack_ov_; }
  bool discharge_on() const { return !cell_uv_ && !pack_uv_; }
  bool cell_ov() const { return cell_ov_; }
  bool cell_uv() const { return cell_uv_; }
  bool pack_ov() const { return pack_ov_; }
  bool pack_uv() const { return pack_uv_; }

 private:
  bool cell_ov_ = false, cell_uv_ = false, pack_ov_ = false, pack_uv_ = false;
};

/// The balancer's current through each cell, A. Passive: every cell above the start and above the lowest by more than
/// the trigger is bled. Active: the highest gives to the lowest, a tenth is lost.
std::vector<double> balance_currents(const PackOptions& options, std::span<const double> cells_v);

}  // namespace simulator
