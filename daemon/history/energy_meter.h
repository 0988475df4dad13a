#pragma once
// Power over time, made energy. Pure.
//
//   power  +|\            what lies above zero has gone into the pack, what lies below has come out of it;
//           | \    __     between two readings the power runs straight, so each side is split where it crosses zero
//          0|--\--/--
//          -|   \/
#include <limits>
#include <optional>

#include "protocols/battery.h"

namespace cellwarden {

/// The power to count: what the BMS says, else voltage times current. Empty where neither is known.
std::optional<double> power_of(const Reading& reading);

class EnergyMeter {
 public:
  /// Goes on from `so_far`.
  explicit EnergyMeter(Energy so_far = {}) : total_(so_far) {}

  /// `steady_s`: when, on the monotonic clock; a moment that is not after the one before is ignored. Over more than
  /// 60 s, and where the power is not known, nobody knows what flowed: nothing is counted.
  void on_reading(std::optional<double> power_w, double steady_s);

  const Energy& total() const { return total_; }

 private:
  void count(double from_w, double to_w, double took_s);

  Energy total_;
  std::optional<double> last_w_;  ///< empty: no segment is open
  double last_s_ = -std::numeric_limits<double>::infinity();
};

}  // namespace cellwarden
