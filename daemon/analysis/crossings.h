#pragma once
// When each cell crossed which voltage (cell-analytics 7 and, mirrored, 9). In one string all cells carry one current,
// so the charge that passes between two cells' crossings of a level is what the one is behind the other.
//
//   u  |            first __/ /          T = q(second) - q(first) at a level both crossed; what bends both alike
//      |  level  ------ *--- *-----      (polarisation, temperature, the unknown curve) falls out
//      |_____________ q1____q2_____ q
#include <optional>

#include "daemon/analysis/cells.h"

namespace cellwarden {

class Crossings {
 public:
  static constexpr std::size_t most_levels = 10;
  struct Rules {
    std::span<const double> levels;     ///< in the order in which they are crossed
    double direction = 1;               ///< +1 charging, -1 discharging
    double line_v = 0, line_per_c = 0;  ///< a level counts beyond line_v + line_per_c * |C|
    double erase_v = 0.012;             ///< falling back that far undoes a crossing
  };

  /// A segment begins with the cells at `u`. Levels that one of them already passed are void for all: a late start
  /// would look like crossing together.
  void open(const Rules& rules, std::span<const double> u, double q);
  void update(std::span<const double> u, double q, double c_rate);

  /// Charge counter at the crossing; absent if the cell did not cross that level, or not validly.
  double at(std::size_t level, std::size_t cell) const { return q_[level][cell]; }
  std::size_t levels() const { return rules_.levels.size(); }
  double volts(std::size_t level) const { return rules_.levels[level]; }
  void erase(std::size_t level, std::size_t cell) { q_[level][cell] = absent; }
  double direction() const { return rules_.direction; }

  std::optional<std::size_t> highest(std::size_t cell) const;
  std::optional<std::size_t> lowest_common(std::size_t a, std::size_t b) const;
  std::optional<std::size_t> highest_common(std::size_t a, std::size_t b) const;

 private:
  Rules rules_;
  std::array<Cells, most_levels> q_{};
  std::array<std::array<bool, max_cells>, most_levels> beyond_{};
  std::array<bool, most_levels> dead_{};
  Cells last_u_{};
  double last_q_ = 0;
};

}  // namespace cellwarden
