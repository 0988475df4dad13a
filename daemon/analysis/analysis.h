#pragma once
// What the readings of one pack mean: how its cells are balanced, whether the BMS or the charger stops the next charge,
// and what that costs (cell-analytics). No I/O and no clock: time comes with the readings and ticks. No allocation per
// sample once the number of cells is known.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/analysis/closed_segment.h"
#include "daemon/analysis/insight.h"
#include "daemon/analysis/moment.h"
#include "daemon/analysis/pack_settings.h"
#include "protocols/battery.h"

namespace cellwarden {

class Analysis {
 public:
  explicit Analysis(const PackSettings& settings);
  Analysis(Analysis&&) noexcept;
  Analysis& operator=(Analysis&&) noexcept;
  ~Analysis();

  /// What the BMS says it cuts at, as known so far. The settings' limits win.
  void on_limits(const Limits& limits);
  /// `steady_s` gives intervals, `taken_at` ages (a reading without it is aged by the last tick).
  void on_reading(const Reading& reading);
  /// Time passes without a reading: closes what a gap ends, ages what is remembered.
  void on_tick(double steady_s, std::optional<UtcTime> utc = std::nullopt);

  const Insight& insight() const;
  const Moment& moment() const;
  /// The limits, chemistry and capacity that count: the BMS's, overridden by the settings.
  const Limits& limits() const;

  /// When the last reading was taken, over restarts too; empty where nobody told the time.
  std::optional<UtcTime> last_heard() const;

  /// Charges and discharges that closed since they were last taken.
  std::vector<ClosedSegment> take_closed();

  /// Changed since the last `save`: something that is worth a write (a closed segment, learned settings).
  bool dirty() const;
  /// What must survive a restart, versioned; the open segment is not part of it (a restart in mid-charge is a gap).
  std::string save() const;
  /// False, and nothing changed, when the blob is not ours, damaged or of another version.
  bool restore(std::string_view blob);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cellwarden
