#include "daemon/analysis/ocv_curve.h"

#include <algorithm>
#include <cmath>

namespace cellwarden {

namespace {

/// Fritsch-Carlson: slopes from the mean of neighbours, then drawn in until no piece overshoots.
std::vector<double> monotone_slopes(std::span<const OcvPoint> p) {
  const std::size_t n = p.size();
  std::vector<double> secant(n - 1), slope(n);
  for (std::size_t i = 0; i + 1 < n; ++i) secant[i] = (p[i + 1].volts - p[i].volts) / (p[i + 1].soc - p[i].soc);
  slope.front() = secant.front(), slope.back() = secant.back();
  for (std::size_t i = 1; i + 1 < n; ++i) {
    slope[i] = secant[i - 1] * secant[i] <= 0 ? 0 : (secant[i - 1] + secant[i]) / 2;
  }
  for (std::size_t i = 0; i + 1 < n; ++i) {
    if (secant[i] == 0) {
      slope[i] = slope[i + 1] = 0;
      continue;
    }
    const double a = slope[i] / secant[i], b = slope[i + 1] / secant[i], length = std::hypot(a, b);
    if (length > 3) slope[i] *= 3 / length, slope[i + 1] *= 3 / length;
  }
  return slope;
}

}  // namespace

OcvCurve::OcvCurve(std::span<const OcvPoint> points) {
  const auto slope = monotone_slopes(points);
  const auto steps = static_cast<std::size_t>(std::floor(points.back().soc * per_soc_ + 1e-9));
  grid_.reserve(steps + 1);
  std::size_t piece = 0;
  for (std::size_t i = 0; i <= steps; ++i) {
    const double soc = static_cast<double>(i) / per_soc_;
    while (piece + 2 < points.size() && points[piece + 1].soc < soc) ++piece;
    const OcvPoint &left = points[piece], &right = points[piece + 1];
    const double width = right.soc - left.soc, t = (soc - left.soc) / width, t2 = t * t, t3 = t2 * t;
    grid_.push_back((2 * t3 - 3 * t2 + 1) * left.volts + (t3 - 2 * t2 + t) * width * slope[piece] +
                    (-2 * t3 + 3 * t2) * right.volts + (t3 - t2) * width * slope[piece + 1]);
  }
  last_ = static_cast<double>(steps);
}

double OcvCurve::soc(double volts) const {
  const auto above = std::ranges::upper_bound(grid_, volts);
  const auto i = std::clamp<std::ptrdiff_t>(above - grid_.begin(), 1, static_cast<std::ptrdiff_t>(grid_.size()) - 1);
  const double low = grid_[static_cast<std::size_t>(i) - 1], high = grid_[static_cast<std::size_t>(i)];
  return (static_cast<double>(i) - 1 + (volts - low) / (high - low)) / per_soc_;
}

}  // namespace cellwarden
