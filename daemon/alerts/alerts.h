#pragma once
// All alerts of one pack. No I/O and no clock: time comes with the readings and ticks.
#include <string>
#include <string_view>

#include "daemon/alerts/alert_settings.h"
#include "daemon/alerts/board.h"
#include "daemon/alerts/far_apart.h"
#include "daemon/analysis/insight.h"
#include "daemon/analysis/moment.h"

namespace cellwarden {

class Alerts {
 public:
  Alerts(std::string pack, AlertSettings settings) : settings_(std::move(settings)), board_(std::move(pack)) {}

  /// After the analysis has seen the same reading. `limits`: what the BMS cuts at, chemistry and capacity as they
  /// count.
  void on_reading(const Reading& reading, const Insight& insight, const Moment& moment, const Limits& limits);
  /// At every change; a pack that was never heard since the start is given some time.
  void on_status(bool online, const std::string& why, double steady_s, std::optional<UtcTime> utc);
  /// Its conversation may begin anew, as after a change of the config: until a reading comes it has the time of a
  /// start.
  void begin_again() { heard_ = false; }
  void on_tick(double steady_s, std::optional<UtcTime> utc);

  const std::vector<Alert>& standing() const { return board_.standing(); }
  bool has_events() const { return board_.has_events(); }
  /// What came, rose and went since the last call, in order.
  std::vector<AlertEvent> take_events() { return board_.take_events(); }

  /// One line of JSON. What is pending is not part of it.
  std::string save() const;
  /// Standing alerts stand again and are not raised anew. False, and nothing changed, when `text` is damaged.
  bool restore(std::string_view text);

 private:
  void judge_offline();

  AlertSettings settings_;
  Board board_;
  std::optional<double> read_s_;
  std::optional<int> charges_;        ///< closed, as last seen
  std::optional<int> warned_charge_;  ///< in which the cells were first too far apart at the top
  std::optional<FarApart> far_apart_;
  bool online_ = false, heard_ = false;
  std::string why_;
};

}  // namespace cellwarden
