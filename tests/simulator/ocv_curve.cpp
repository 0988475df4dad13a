#include "tests/simulator/ocv_curve.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace simulator {

namespace {

constexpr std::array soc_pct = std::to_array<double>({0,  0.5, 1,  2,  3,  5,  7.5, 10, 15, 20, 25,   30, 35,   40, 50,
                                                      60, 65,  70, 75, 80, 85, 90,  95, 97, 98, 98.5, 99, 99.5, 100});
using Volts = std::array<double, soc_pct.size()>;
constexpr Volts lfp = {2.500, 2.680, 2.790, 2.930, 3.010, 3.100, 3.165, 3.195, 3.217, 3.240,
                       3.257, 3.272, 3.281, 3.286, 3.291, 3.300, 3.314, 3.325, 3.329, 3.331,
                       3.332, 3.333, 3.337, 3.343, 3.351, 3.359, 3.376, 3.420, 3.600};
constexpr Volts nmc = {3.000, 3.075, 3.140, 3.235, 3.300, 3.385, 3.455, 3.483, 3.510, 3.546,
                       3.577, 3.602, 3.622, 3.640, 3.680, 3.738, 3.783, 3.838, 3.897, 3.953,
                       4.010, 4.067, 4.127, 4.153, 4.166, 4.173, 4.180, 4.190, 4.200};
constexpr Volts lto = {1.800, 1.870, 1.930, 2.010, 2.050, 2.100, 2.130, 2.150, 2.180, 2.200,
                       2.215, 2.225, 2.235, 2.240, 2.250, 2.290, 2.325, 2.370, 2.420, 2.470,
                       2.530, 2.590, 2.650, 2.680, 2.700, 2.715, 2.735, 2.755, 2.780};

double stretched(double soc, const Knees& knees) {
  if (soc > 0.95) return 1 - (1 - soc) * (1 + (knees.top - 1) * std::clamp((soc - 0.95) / 0.03, 0.0, 1.0));
  if (soc < 0.10) return soc * (1 + (knees.bottom - 1) * std::clamp((0.10 - soc) / 0.05, 0.0, 1.0));
  return soc;
}

double secant(std::span<const OcvPoint> p, std::size_t i) {
  return (p[i + 1].volts - p[i].volts) / (p[i + 1].soc - p[i].soc);
}

double slope(std::span<const OcvPoint> p, std::size_t i) {
  if (i == 0) return secant(p, 0);
  if (i == p.size() - 1) return secant(p, i - 1);
  const double left = secant(p, i - 1), right = secant(p, i);
  return left * right <= 0 ? 0 : 2 * left * right / (left + right);
}

double cubic(std::span<const OcvPoint> p, std::size_t i, double soc) {
  const double width = p[i + 1].soc - p[i].soc, t = (soc - p[i].soc) / width, t2 = t * t, t3 = t2 * t;
  return (2 * t3 - 3 * t2 + 1) * p[i].volts + (t3 - 2 * t2 + t) * width * slope(p, i) +
         (-2 * t3 + 3 * t2) * p[i + 1].volts + (t3 - t2) * width * slope(p, i + 1);
}

}  // namespace

std::vector<OcvPoint> ocv_points(Chemistry chemistry, const Knees& knees) {
  const Volts& volts = chemistry == Chemistry::lfp ? lfp : chemistry == Chemistry::nmc ? nmc : lto;
  std::vector<OcvPoint> points;
  for (std::size_t i = 0; i < volts.size(); ++i) points.push_back({soc_pct[i] / 100, volts[i]});
  if (chemistry == Chemistry::lfp) points.insert(points.end(), {{1.004, 3.75}, {1.012, 4.10}});
  if (chemistry == Chemistry::nmc) points.push_back({1.02, 4.26});
  if (chemistry == Chemistry::lto) points.push_back({1.02, 2.86});
  for (OcvPoint& point : points) point = {stretched(point.soc, knees), point.volts + knees.shift_v};
  return points;
}

OcvCurve::OcvCurve(Chemistry chemistry, const Knees& knees) {
  const auto points = ocv_points(chemistry, knees);
  lowest_ = points.front().soc;
  const auto steps = static_cast<std::size_t>((points.back().soc - lowest_) * per_soc_);
  std::size_t piece = 0;
  for (std::size_t i = 0; i <= steps; ++i) {
    const double soc = lowest_ + static_cast<double>(i) / per_soc_;
    while (piece + 2 < points.size() && points[piece + 1].soc < soc) ++piece;
    grid_.push_back(cubic(points, piece, soc));
  }
  last_ = static_cast<double>(steps);
}

double ocv(Chemistry chemistry, double soc) {
  static const OcvCurve curves[] = {OcvCurve(Chemistry::lfp), OcvCurve(Chemistry::nmc), OcvCurve(Chemistry::lto)};
  return curves[static_cast<std::size_t>(chemistry)].volts(soc);
}

double hysteresis_v(Chemistry chemistry) { return chemistry == Chemistry::lfp ? 0.008 : 0.002; }

}  // namespace simulator
