#pragma once
// Open-circuit voltage over the state of charge at 25 C, mean of charge and discharge (cell-analytics 20.1), for three
// chemistries. A pack's own curve has a knee of its own, so that nobody who reads the pack knows it exactly.
#include <span>
#include <string_view>
#include <vector>

namespace simulator {

enum class Chemistry { lfp, nmc, lto };
inline constexpr std::string_view chemistry_names[] = {"lfp", "nmc", "lto"};

/// How a pack's curve differs from the table: width of the knees at both ends, and volts on all of it.
struct Knees {
  double top = 1, bottom = 1, shift_v = 0;
};

struct OcvPoint {
  double soc, volts;
};

/// The table: `soc` 0..1 and a little beyond.
std::vector<OcvPoint> ocv_points(Chemistry chemistry, const Knees& knees = {});

/// Monotone cubic (Fritsch-Carlson) through the points: no corner, no overshoot, so no landmark that no cell has. Read
/// from a fine grid, because a simulated year asks it a hundred million times.
class OcvCurve {
 public:
  explicit OcvCurve(Chemistry chemistry, const Knees& knees = {});
  double volts(double soc) const {
    const double at = (soc - lowest_) * per_soc_;
    if (!(at > 0)) return grid_.front() + at * (grid_[1] - grid_[0]);
    const std::size_t i = at < last_ ? static_cast<std::size_t>(at) : grid_.size() - 2;
    return grid_[i] + (at - static_cast<double>(i)) * (grid_[i + 1] - grid_[i]);
  }

 private:
  static constexpr double per_soc_ = 10000;
  double lowest_, last_;
  std::vector<double> grid_;
};

/// The table's own curve. Volts.
double ocv(Chemistry chemistry, double soc);
/// How far charging lifts and discharging lowers it, V.
double hysteresis_v(Chemistry chemistry);

}  // namespace simulator
