#pragma once
// All that the analysis remembers of a pack beyond the open segment; what `save` writes.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/analysis/balancing.h"
#include "daemon/analysis/current_offset.h"
#include "daemon/analysis/drift.h"
#include "daemon/analysis/held_advice.h"
#include "daemon/analysis/offsets.h"
#include "daemon/analysis/resistance.h"
#include "daemon/analysis/usage.h"

namespace cellwarden {

/// The last five of something; their median is what counts.
struct LastFive {
  std::array<double, 5> values{};
  int count = 0;
  void add(double value) { values[static_cast<std::size_t>(count++ % 5)] = value; }
  /// absent with fewer than `least`.
  double middle(int least = 1) const {
    if (count < least) return absent;
    Cells held{};
    const std::size_t n = std::min<std::size_t>(static_cast<std::size_t>(count), values.size());
    std::copy_n(values.begin(), n, held.begin());
    return median(held, n);
  }
  template <class Visit>
  void each_field(Visit&& visit) {
    for (auto& value : values) visit(value);
    visit(count);
  }
};

/// A correction learned from what really happened. Where the model saw far more than there was (resistance taken for
/// fullness before any step of the current told them apart), what happened wins.
struct Bias {
  double volts = 0;
  int count = 0;
  void learn(double error_v) {
    ++count;
    volts += std::max(0.4, 1.0 / count) * (std::clamp(error_v, -0.300, 0.150) - volts);
  }
  template <class Visit>
  void each_field(Visit&& visit) {
    visit(volts), visit(count);
  }
};

/// The charge counter at "first cell full" or "first cell empty".
struct Landmark {
  double q = absent, time_s = 0;
  int stretch = -1;  ///< counted without a gap since then while this is the present stretch
  template <class Visit>
  void each_field(Visit&& visit) {
    visit(q), visit(time_s), visit(stretch);
  }
};

struct Usable {
  double ah = absent, time_s = 0, trust = 1;
  template <class Visit>
  void each_field(Visit&& visit) {
    visit(ah), visit(time_s), visit(trust);
  }
};

struct Memory {
  int cells = 0;
  double clock_s = 0;  ///< the analysis's own time: it never jumps back
  double utc_s = 0;    ///< wall clock when last heard or ticked; 0: never
  double q = 0;        ///< Ah, our own integral
  int stretch = 0;     ///< counts gaps in `q`
  int charges = 0;     ///< charges closed
  Offsets top, bottom;
  Landmark full, empty;
  Usable usable;
  double kappa_top = 1, kappa_bottom = 1;
  double charge_a = absent, discharge_a = absent;  ///< usual currents near the ends
  Bias charge_bias, discharge_bias;
  LastFive held_v, let_go_v;
  int balance_state = -1;  ///< for its hysteresis
  Resistance resistance;
  CurrentOffset current_offset;
  Drift drift;
  Balancing balancing;
  Usage usage;
  HeldAdvice advice;
  double heard_utc_s = 0;  ///< wall clock at the last reading; 0: not known

  static constexpr int version = 4;
  /// As that version of it was saved: a later one only adds fields at the end.
  template <class Visit>
  void each_field(Visit&& visit, int of_version = version) {
    visit(cells), visit(clock_s), visit(utc_s), visit(q), visit(stretch), visit(charges);
    top.each_field(visit), bottom.each_field(visit), full.each_field(visit), empty.each_field(visit);
    usable.each_field(visit), visit(kappa_top), visit(kappa_bottom), visit(charge_a), visit(discharge_a);
    charge_bias.each_field(visit), discharge_bias.each_field(visit), held_v.each_field(visit);
    let_go_v.each_field(visit), visit(balance_state), resistance.each_field(visit), current_offset.each_field(visit);
    if (of_version < 2) return;
    drift.each_field(visit), balancing.each_field(visit), usage.each_field(visit);
    if (of_version < 3) return;
    advice.each_field(visit);
    if (of_version < 4) return;
    drift.each_later_field(visit), visit(heard_utc_s);
  }
};

/// Versioned and checked by a sum.
std::string save_memory(Memory memory, int version = Memory::version);
/// Of any version up to this one; what an earlier one did not know begins anew.
std::optional<Memory> restore_memory(std::string_view blob);

}  // namespace cellwarden
