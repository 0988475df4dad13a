#pragma once
// For demonstrations alone: a simulated pack that lives faster than the clock, and a service that knows it.
//
//   polls, time limits, offline          the wall clock: a line is not faster
//   steady_s of readings and ticks       `speed` times as fast: Ah, kWh, minutes, holds are the pack's own
//   taken_at                             the wall clock: Home Assistant must not hear of the future
#include "daemon/packs/pack_observer.h"

namespace cellwarden {

inline constexpr double real_time = 1, fastest_demo = 5;

/// Stands before all who count: hands on every reading at the moment of the pack's own time.
class DemoTime final : public PackObserver {
 public:
  DemoTime(double speed, PackObserver& next) : speed_(speed), next_(next) {}

  void on_reading(const std::string& pack_id, const Reading& reading, const Counters& counters) override {
    if (speed_ == real_time) return next_.on_reading(pack_id, reading, counters);
    Reading faster = reading;
    faster.steady_s = steady_s(reading.steady_s);
    next_.on_reading(pack_id, faster, counters);
  }
  void on_info(const std::string& pack_id, const Identity& identity, const Limits& limits) override {
    next_.on_info(pack_id, identity, limits);
  }
  void on_status(const std::string& pack_id, bool online, const std::string& why) override {
    next_.on_status(pack_id, online, why);
  }

  double steady_s(double wall_s) const { return wall_s * speed_; }

 private:
  double speed_;
  PackObserver& next_;
};

}  // namespace cellwarden
