#include "daemon/analysis/curve_fit.h"

namespace cellwarden {

namespace {

constexpr int rounds = 6, slope_half = 6;
constexpr std::size_t least_length = 30, least_cells = 2, unknowns = 4;
// What is usual before anything is seen, and how far a bin (a rest) may be off. Neighbouring bins err alike, so they
// count for less than their noise says.
constexpr double sense_v = 0.002, capacity_share = 0.04, resistance_ohm_ah = 0.15, behind_bins = 40, bin_v = 0.004,
                 rest_v = 0.0007, most_rms_v = 0.006;

enum Unknown { behind, capacity, sense, resistance };
using Vector = std::array<double, unknowns>;

struct Normal {
  std::array<Vector, unknowns> a{};
  Vector b{};
  void add(const Vector& row, double value, double weight) {
    for (std::size_t i = 0; i < unknowns; ++i) {
      for (std::size_t j = 0; j < unknowns; ++j) a[i][j] += weight * row[i] * row[j];
      b[i] += weight * row[i] * value;
    }
  }
  /// How uncertain the first unknown stays: the corner of the inverse.
  double deviation() const {
    Normal unit = *this;
    unit.b = {1, 0, 0, 0};
    return std::sqrt(unit.solved()[0]);
  }
  /// By Cholesky; the usual values on the diagonal make it positive.
  Vector solved() {
    for (std::size_t i = 0; i < unknowns; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double sum = a[i][j];
        for (std::size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
        a[i][j] = i == j ? std::sqrt(sum) : sum / a[j][j];
      }
    }
    for (std::size_t i = 0; i < unknowns; ++i) {
      for (std::size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
      b[i] /= a[i][i];
    }
    for (std::size_t i = unknowns; i-- > 0;) {
      for (std::size_t k = i + 1; k < unknowns; ++k) b[i] -= a[k][i] * b[k];
      b[i] /= a[i][i];
    }
    return b;
  }
};

class Fit {
 public:
  Fit(const ChargeCurves& curves, const FitStart& start)
      : curves_(curves), start_(start), per_ah_(1 / (ChargeCurves::bin_share * start.capacity_ah)) {
    full_ = static_cast<double>(curves.length()) - 0.5 + start.to_end_ah * per_ah_;
    double least = 1e9, most = -1e9;
    for (std::size_t i = 0; i < curves.cells(); ++i) {
      if (!known(start.behind_ah[i])) continue;
      ++held_;
      x_[i] = {start.behind_ah[i] * per_ah_, 0, 0, 0};
      least = std::min(least, x_[i][behind]), most = std::max(most, x_[i][behind]);
    }
    first_ = std::floor(least + start.to_end_ah * per_ah_) - 20;
    const double far = full_ + most - first_ + 20;
    if (held_ >= least_cells && far > 0 && far < 4000) sum_.resize(static_cast<std::size_t>(far) + 1);
  }

  bool possible() const { return curves_.length() >= least_length && !sum_.empty(); }

  /// False when the cells do not follow one curve.
  bool run() {
    double rms = 0;
    for (int round = 0; round < rounds; ++round) {
      make_reference();
      rms = 0;
      for (std::size_t i = 0; i < curves_.cells(); ++i) {
        if (known(start_.behind_ah[i])) rms = std::max(rms, improve(i));
      }
    }
    return rms < most_rms_v;
  }

  Fitted fitted() const {
    Fitted fitted;
    for (std::size_t i = 0; i < curves_.cells(); ++i) {
      const bool in = known(start_.behind_ah[i]);
      fitted.behind_ah[i] = in ? x_[i][behind] / per_ah_ : absent;
      fitted.deviation_ah[i] = in ? deviation_[i] / per_ah_ : absent;
    }
    return fitted;
  }

 private:
  /// Bins from its own full, on the scale of a usual cell.
  double distance(std::size_t i, double bin) const { return (x_[i][behind] + full_ - bin) / (1 + x_[i][capacity]); }
  double current(std::size_t bin) const { return curves_.current(bin); }
  double own(std::size_t i, std::size_t bin) const {
    return curves_.mean(bin, i) - x_[i][sense] - x_[i][resistance] * current(bin);
  }

  /// Mean of the cells, each where it stands.
  void make_reference() {
    std::vector<double> weight(sum_.size(), 0);
    std::ranges::fill(sum_, 0);
    for (std::size_t i = 0; i < curves_.cells(); ++i) {
      if (!known(start_.behind_ah[i])) continue;
      for (std::size_t b = 0; b < curves_.length(); ++b) {
        if (curves_.count(b) == 0) continue;
        const double at = distance(i, static_cast<double>(b) + 0.5) - first_;
        if (!(at >= 0) || at >= static_cast<double>(sum_.size() - 1)) continue;
        const auto k = static_cast<std::size_t>(at);
        const double share = at - static_cast<double>(k), v = own(i, b);
        sum_[k] += (1 - share) * v, weight[k] += 1 - share;
        sum_[k + 1] += share * v, weight[k + 1] += share;
      }
    }
    for (std::size_t k = 0; k < sum_.size(); ++k) sum_[k] = weight[k] > 0.3 ? sum_[k] / weight[k] : absent;
    slope_.assign(sum_.size(), absent);
    for (std::size_t k = 0; k < sum_.size(); ++k) line(static_cast<int>(k));
  }

  /// Value and slope of the reference at `k`: a straight line through its neighbours.
  void line(int k) {
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (int d = -slope_half; d <= slope_half; ++d) {
      const int near = k + d;
      if (near < 0 || near >= static_cast<int>(sum_.size())) continue;
      const double y = sum_[static_cast<std::size_t>(near)];
      if (!known(y)) continue;
      n += 1, sx += d, sy += y, sxx += d * d, sxy += d * y;
    }
    const auto at = static_cast<std::size_t>(k);
    const double det = n * sxx - sx * sx;
    if (!known(sum_[at]) || n < slope_half || det <= 0) return;
    slope_[at] = (n * sxy - sx * sy) / det;
  }

  struct Spot {
    double volts = absent, slope = absent;
  };
  Spot reference(double distance) const {
    const double at = distance - first_;
    if (!(at >= 0) || at >= static_cast<double>(sum_.size() - 1)) return {};
    const auto k = static_cast<std::size_t>(at);
    const double share = at - static_cast<double>(k);
    return {sum_[k] + share * (sum_[k + 1] - sum_[k]), slope_[k] + share * (slope_[k + 1] - slope_[k])};
  }

  /// One step of Gauss and Newton; the root mean square of what was left before it.
  double improve(std::size_t i) {
    Normal normal;
    double squares = 0, held = 0;
    for (std::size_t b = 0; b < curves_.length(); ++b) {
      if (curves_.count(b) == 0) continue;
      const double d = distance(i, static_cast<double>(b) + 0.5);
      const Spot spot = reference(d);
      if (!known(spot.volts) || !known(spot.slope)) continue;
      const double off = own(i, b) - spot.volts;
      normal.add({spot.slope, -spot.slope * d, 1, current(b)}, off, 1 / (bin_v * bin_v));
      squares += off * off, held += 1;
    }
    add_rest(i, normal);
    const Vector usual = {behind_bins, capacity_share, sense_v, resistance_ohm_ah / start_.capacity_ah};
    Vector from = x_[i];
    from[behind] -= start_.behind_ah[i] * per_ah_;
    for (std::size_t k = 0; k < unknowns; ++k) {
      normal.a[k][k] += 1 / (usual[k] * usual[k]);
      normal.b[k] -= from[k] / (usual[k] * usual[k]);
    }
    deviation_[i] = normal.deviation();
    const Vector step = normal.solved();
    for (std::size_t k = 0; k < unknowns; ++k) x_[i][k] += step[k];
    x_[i][capacity] = std::clamp(x_[i][capacity], -0.3, 0.3);
    return held > 0 ? std::sqrt(squares / held) : 1;
  }

  /// At rest resistance says nothing; what relaxes alike in all cells falls out of the mean.
  void add_rest(std::size_t i, Normal& normal) {
    if (!known(start_.rest_u[0])) return;
    const double end = static_cast<double>(curves_.length()) - 0.5;
    double mean = 0, held = 0, own_off = absent;
    Spot own_spot;
    for (std::size_t j = 0; j < curves_.cells(); ++j) {
      if (!known(start_.behind_ah[j])) continue;
      const Spot spot = reference(distance(j, end));
      if (!known(spot.volts) || !known(spot.slope)) continue;
      const double off = start_.rest_u[j] - x_[j][sense] - spot.volts;
      mean += off, held += 1;
      if (j == i) own_off = off, own_spot = spot;
    }
    if (!known(own_off) || held < 2) return;
    normal.add({own_spot.slope, -own_spot.slope * distance(i, end), 1, 0}, own_off - mean / held,
               1 / (rest_v * rest_v));
  }

  const ChargeCurves& curves_;
  const FitStart& start_;
  double per_ah_, full_ = 0, first_ = 0;
  std::size_t held_ = 0;
  std::array<Vector, max_cells> x_{};
  Cells deviation_{};
  std::vector<double> sum_, slope_;
};

}  // namespace

std::optional<Fitted> fit_curves(const ChargeCurves& curves, const FitStart& start) {
  Fit fit(curves, start);
  if (!fit.possible() || !fit.run()) return std::nullopt;
  return fit.fitted();
}

}  // namespace cellwarden
