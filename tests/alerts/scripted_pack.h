#pragma once
// A pack of four LFP cells whose analysis says what the test wants, second by second.
#include <doctest/doctest.h>

#include <string>

#include "daemon/alerts/alert_json.h"
#include "daemon/alerts/alerts.h"

namespace cellwarden::test {

class ScriptedPack {
 public:
  explicit ScriptedPack(AlertSettings settings = {}) : alerts("house-1", settings) {
    limits.cell_ovp_v = 3.65, limits.cell_uvp_v = 2.5, limits.chemistry = "lfp", limits.capacity_ah = 280;
    reading.cells_v = {3.3, 3.3, 3.3, 3.3};
    reading.current_a = 20.0;
    reading.alarms.emplace(), reading.warnings.emplace();
    moment.fresh = true;
  }

  /// Cells 1, 2 and 4 at `low_v`, cell 3 `delta_mv` above, in this gate.
  void cells(Gate gate, double delta_mv, double low_v) {
    const double high_v = low_v + delta_mv / 1000;
    reading.cells_v = {low_v, low_v, high_v, low_v};
    moment.gate = gate, moment.delta_mv = delta_mv;
    moment.v_max = moment.u_max = high_v, moment.v_min = moment.u_min = low_v;
  }
  /// So many seconds pass, with a reading every 2 s and one at the end.
  void pass(double seconds) {
    for (const double end = now_s + seconds; now_s < end;) {
      now_s = std::min(now_s + 2, end);
      read();
    }
  }
  void read() {
    reading.steady_s = moment.steady_s = now_s;
    reading.taken_at = utc();
    alerts.on_reading(reading, insight, moment, limits);
    for (auto& event : alerts.take_events()) {
      CHECK(event.alert.text.size() < 255);
      CHECK(event.alert.advice.size() < 255);
      CHECK(event.alert.text.starts_with("house-1: "));
      told += std::string(event.raised ? "+" : "-") + std::string(name(event.alert.kind)) + ":" +
              std::string(name(event.alert.level));
      if (event.alert.cell) told += "@" + std::to_string(*event.alert.cell);
      told += " ";
      last = event;
    }
  }
  void charge_closes() {
    ++moment.charges_closed;
    pass(2);
  }
  UtcTime utc() const {
    return UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 25)) +
           std::chrono::milliseconds(static_cast<long>(now_s * 1000));
  }
  /// What was told since the last call: "+cell_delta_top:warn@3 ".
  std::string heard() { return std::exchange(told, {}); }

  Reading reading;
  Insight insight;
  Moment moment;
  Limits limits;
  Alerts alerts;
  double now_s = 0;
  std::string told;
  AlertEvent last;
};

}  // namespace cellwarden::test
