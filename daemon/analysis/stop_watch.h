#pragma once
// How a charge or a discharge ended (cell-analytics 4), and at which voltage the charger held or the load let go.
#include <optional>

#include "daemon/analysis/cells.h"
#include "protocols/battery.h"

namespace cellwarden {

enum class Stop { unknown, bms_cell, bms_pack, bms_other, charger, source, load, user };

/// How far the leading cell may have come before the next sample showed the current gone: slow polls miss the last
/// millivolts.
class Reach {
 public:
  void open() { *this = {}; }
  /// `v`: the leading cell; `flowing`: the current that moves it.
  void update(double dt_s, double v, bool flowing);
  double v() const { return v_; }

 private:
  double v_ = absent, last_v_ = absent;
};

class ChargeWatch {
 public:
  void open(double now_s);
  void update(const Sample& sample, const Reading& reading, const Limits& limits, double set_v, double cable_ohm,
              double capacity_ah, double least_flat_v);
  Stop cause() const;
  bool tripped() const { return trip_ != Stop::unknown; }
  /// Highest cell, free of noise.
  double peak_v() const { return peak_v_; }
  /// Voltage held while the current fell; absent when it never did.
  double held_v() const { return held_v_; }
  bool reached_set_v() const { return reached_set_v_; }

 private:
  void watch_flat(const Sample& sample, double capacity_ah, double least_flat_v);

  Cells smooth_v_{};
  Reach reach_;
  double smooth_pack_v_ = 0, peak_v_ = 0, recent_high_v_ = 0, recent_high_s_ = 0;
  double flat_v_ = 0, flat_since_s_ = 0, flat_from_a_ = 0, last_flat_s_ = -1e9, last_current_s_ = -1e9;
  double held_v_ = absent, last_a_ = 0, last_a_s_ = 0;
  bool first_ = true, reached_set_v_ = false, at_set_v_ = false;
  Stop trip_ = Stop::unknown;
};

class DischargeWatch {
 public:
  void open();
  void update(const Sample& sample, const Reading& reading, const Limits& limits, double capacity_ah, double lowest_u,
              double bottom_v);
  Stop cause() const { return cause_; }
  bool tripped() const { return cause_ == Stop::bms_cell || cause_ == Stop::bms_pack; }
  double lowest_v() const { return lowest_v_; }
  /// Pack voltage under load just before the load let go.
  double let_go_v() const { return let_go_v_; }

 private:
  Cells smooth_v_{};
  Reach reach_;
  double lowest_v_ = 10, recent_low_v_ = 10, recent_low_s_ = -1e9;
  double loaded_v_ = 0, loaded_s_ = -1e9, let_go_v_ = absent;
  bool first_ = true;
  Stop cause_ = Stop::unknown;
};

}  // namespace cellwarden
