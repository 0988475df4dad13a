#pragma once
// Resistance of each cell from steps of the current on the plateau (cell-analytics 5). Cells are drawn towards their
// common value, and that towards what such a cell usually has, until steps outweigh it.
#include "daemon/analysis/cells.h"
#include "daemon/analysis/chemistry.h"

namespace cellwarden {

class Resistance {
 public:
  void update(const Sample& sample, const ChemistryTraits& chemistry, double capacity_ah);
  /// A gap lies between this sample and the next: no step across it.
  void break_off() { held_ = 0; }

  /// Few steps yet: a cell that stands above the others on the flat plateau shows its resistance, until steps outweigh
  /// it.
  bool wants_hint(double capacity_ah) const;
  void hint(const Cells& excess_ohm, std::size_t n);

  bool is_known() const { return steps_ >= 6; }
  double steps() const { return steps_; }
  /// Ohms; before any step what such a cell usually has.
  void estimate(Cells& ohms, std::size_t n, double capacity_ah) const;
  double standard_error(std::size_t cell, double ohms) const;

  template <class Visit>
  void each_field(Visit&& visit) {
    visit(sii_), visit(steps_);
    for (auto& value : svi_) visit(value);
    for (auto& value : svv_) visit(value);
    for (auto& value : hint_) visit(value);
  }

 private:
  static constexpr std::size_t window = 5;
  Cells svi_{}, svv_{}, hint_{};
  double sii_ = 0, steps_ = 0;
  std::array<Cells, window> v_{};
  std::array<double, window> a_{};
  std::size_t held_ = 0;  ///< samples since the last break
};

}  // namespace cellwarden
