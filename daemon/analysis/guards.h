#pragma once
// Which readings may be used (cell-analytics 3): impossible cells, repeated frames, gaps, cells that do not add up.
#include <optional>

#include "daemon/analysis/cells.h"
#include "daemon/analysis/chemistry.h"
#include "daemon/analysis/insight.h"
#include "protocols/battery.h"

namespace cellwarden {

inline constexpr double longest_step_s = 120;  ///< a longer silence is a gap: no charge is counted across it

class Guard {
 public:
  struct Ruling {
    bool use = false;
    bool gap = false;  ///< what was open before ends here
    double dt_s = 0;   ///< since the last reading used
    Reason doubt{};    ///< sum_mismatch or temperature: usable, with less trust
  };
  Ruling judge(const Reading& reading, const ChemistryTraits& chemistry, double capacity_ah);

  /// Why nothing can be said now: bad_cells, no_current or stale; none when all is well.
  Reason blocked() const { return blocked_; }
  std::optional<double> last_used_s() const { return last_s_; }
  void forget() { *this = {}; }

 private:
  /// Why this reading cannot be used: bad_cells or no_current.
  static Reason unreadable(const Reading& reading, const ChemistryTraits& chemistry);
  bool repeated(const Reading& reading, double capacity_ah);
  bool adds_up(const Reading& reading);

  std::optional<double> last_s_;
  Reason blocked_ = Reason::none;
  int bad_in_a_row_ = 0, backwards_in_a_row_ = 0;
  bool resume_as_gap_ = false;
  Cells seen_v_{};
  double seen_a_ = 0, seen_ah_ = 0, same_since_s_ = 0;
  std::optional<double> mismatch_since_s_;
};

}  // namespace cellwarden
