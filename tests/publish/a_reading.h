#pragma once
#include "protocols/battery.h"

namespace cellwarden::test {

/// A pack of four cells that tells everything but its state of health.
inline Reading a_reading(double steady_s = 0) {
  Reading reading;
  reading.taken_at = UtcTime(std::chrono::milliseconds(1'700'000'000'123));
  reading.steady_s = steady_s;
  reading.cells_v = {3.310, 3.322, 3.315, 3.318};
  reading.pack_v = 13.26, reading.current_a = -12.4, reading.power_w = -164.5, reading.soc_pct = 81.5;
  reading.remaining_ah = 228.2, reading.full_ah = 280.0, reading.cycles = 12;
  reading.temps_c = {21.5, std::nullopt, 22.0};
  reading.mos_temp_c = 30.0;
  reading.charge_on = true, reading.discharge_on = true, reading.balancing = false;
  reading.alarms.emplace();
  reading.warnings.emplace();
  return reading;
}

}  // namespace cellwarden::test
