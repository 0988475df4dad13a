#pragma once
// The state behind Analysis: one reading's way through guards, counter, segments and gates into the insight.
#include "daemon/analysis/activity.h"
#include "daemon/analysis/analysis.h"
#include "daemon/analysis/closed_segment.h"
#include "daemon/analysis/gates.h"
#include "daemon/analysis/guards.h"
#include "daemon/analysis/segments.h"

namespace cellwarden {

class PackWatch {
 public:
  explicit PackWatch(const PackSettings& settings);
  void on_limits(const Limits& limits);
  void on_reading(const Reading& reading);
  void on_tick(double steady_s, std::optional<UtcTime> utc);
  bool restore(std::string_view blob);

  Terms terms;
  Memory memory;
  Insight insight;
  Moment moment;
  std::vector<ClosedSegment> closed;  ///< since they were last taken; the newest few
  mutable bool dirty = false;

 private:
  bool same_pack(const Reading& reading);
  void become(int cells);
  void clock(double steady_s, std::optional<UtcTime> utc);
  void break_off();
  void follow(const Reading& reading, const Guard::Ruling& ruling);
  void smooth(const Sample& sample);
  void compensate(std::size_t n);
  void turn(const SegmentSample& now);
  void close_charge(bool whole);
  void close_discharge();
  void keep(ClosedSegment segment, const SegmentFacts& facts, const Offsets& offsets);
  void freeze_resistance();
  void hint_resistance(const SegmentSample& now);
  bool believable(std::span<const double> u) const;
  void predict_now(const SegmentSample& now);

  void say_all();
  void say_nothing(Reason why);
  void say_deltas();

  Guard guard_;
  ActivityWatch activity_;
  Gates gates_;
  ChargeSegment charge_;
  DischargeSegment discharge_;
  Cells raw_{}, v_{}, u_{}, ohm_{};
  double smooth_a_ = 0, last_a_ = 0;
  bool first_sample_ = true;
  std::optional<double> steady_s_;
  bool catch_up_ = false;  ///< restored: the wall clock tells how long we were away
  int strange_count_ = 0, strangers_ = 0;
  double predicted_s_ = -1e9;           ///< last live prediction
  double opened_q_ = 0, opened_s_ = 0;  ///< of the open segment
  bool predicting_ = false;             ///< minutes to the end of this charge or discharge are said
  Reason silent_ = Reason::no_readings;
  Reason doubt_ = Reason::none;
};

}  // namespace cellwarden
