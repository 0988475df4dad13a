#pragma once
// The open charge or discharge: all that is gathered between its beginning and its end (cell-analytics 4).
#include <utility>

#include "daemon/analysis/stop_watch.h"
#include "daemon/analysis/terms.h"

namespace cellwarden {

/// One sample as a segment sees it.
struct SegmentSample {
  const Sample& sample;
  const Reading& reading;
  std::span<const double> u;  ///< smoothed, free of the current's drop
  double smooth_a = 0, q = 0;
  Reason doubt = Reason::none;
};

class ChargeSegment {
 public:
  void open(const Terms& terms, const SegmentSample& now);
  void update(const Terms& terms, const Memory& memory, const SegmentSample& now);
  /// What it came to. `whole` is false when a gap ended it.
  SegmentFacts close(const Memory& memory, bool whole) const;

  bool is_open() const { return open_; }
  bool closed() { return std::exchange(open_, false); }
  bool in_knee() const { return in_knee_; }
  /// Enough has gone in since resistance was last guessed from the plateau.
  bool hint_due() const { return curves.length() >= hint_at_ + 40; }
  bool hint_made() const { return hint_at_ > 0; }
  void note_hint() { hint_at_ = curves.length(); }
  /// The resistances changed before any level counted.
  void reopen_crossings(const Terms& terms, const SegmentSample& now);
  /// The charge is over though the segment waits to be sure.
  bool ended() const { return watch_.tripped() || no_current_s_ > 60; }

  Crossings crossings;
  ChargeCurves curves;
  const ChargeWatch& watch() const { return watch_; }
  double knee_current_a() const { return knee_s_ > 0 ? knee_as_ / knee_s_ : absent; }

 private:
  SegmentFacts facts_;
  ChargeWatch watch_;
  double knee_s_ = 0, knee_as_ = 0, no_current_s_ = 0, highest_u_ = 0;
  bool open_ = false, in_knee_ = false;
  std::size_t hint_at_ = 0;
};

class DischargeSegment {
 public:
  void open(const Terms& terms, const SegmentSample& now);
  void update(const Terms& terms, const SegmentSample& now);
  SegmentFacts close(const Memory& memory) const;

  bool is_open() const { return open_; }
  bool closed() { return std::exchange(open_, false); }
  bool in_knee() const { return in_knee_; }
  bool ended() const { return no_current_s_ > 60; }

  Crossings crossings;
  ChargeCurves curves;  ///< of what was taken; only where the whole curve speaks
  const DischargeWatch& watch() const { return watch_; }
  double knee_current_a() const { return knee_s_ > 0 ? -knee_as_ / knee_s_ : absent; }

 private:
  SegmentFacts facts_;
  DischargeWatch watch_;
  double knee_s_ = 0, knee_as_ = 0, no_current_s_ = 0, lowest_u_ = 10;
  bool open_ = false, in_knee_ = false;
};

}  // namespace cellwarden
