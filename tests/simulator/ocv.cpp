#include "tests/simulator/ocv.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace simulator {

namespace {

struct Point {
  double soc_pct, volts;
};

constexpr std::array lfp = std::to_array<Point>(
    {{0, 2.500},  {0.5, 2.680},  {1, 2.790},  {2, 2.930},    {3, 3.010},   {5, 3.100},    {7.5, 3.165}, {10, 3.195},
     {15, 3.217}, {20, 3.240},   {25, 3.257}, {30, 3.272},   {35, 3.281},  {40, 3.286},   {50, 3.291},  {60, 3.300},
     {65, 3.314}, {70, 3.325},   {75, 3.329}, {80, 3.331},   {85, 3.332},  {90, 3.333},   {95, 3.337},  {97, 3.343},
     {98, 3.351}, {98.5, 3.359}, {99, 3.376}, {99.5, 3.420}, {100, 3.600}, {100.4, 3.75}, {101.2, 4.10}});

double secant(std::size_t i) { return (lfp[i + 1].volts - lfp[i].volts) / (lfp[i + 1].soc_pct - lfp[i].soc_pct); }

/// Fritsch-Carlson by the harmonic mean: no corner, no overshoot, so no landmark that no cell has.
double slope(std::size_t i) {
  if (i == 0) return secant(0);
  if (i == lfp.size() - 1) return secant(i - 1);
  const double left = secant(i - 1), right = secant(i);
  return left * right <= 0 ? 0 : 2 * left * right / (left + right);
}

}  // namespace

double lfp_ocv(double soc) {
  const double x = std::clamp(soc * 100, lfp.front().soc_pct, lfp.back().soc_pct);
  const auto after =
      std::upper_bound(lfp.begin() + 1, lfp.end() - 1, x, [](double at, const Point& p) { return at < p.soc_pct; });
  const auto i = static_cast<std::size_t>(after - lfp.begin()) - 1;
  const double width = lfp[i + 1].soc_pct - lfp[i].soc_pct, t = (x - lfp[i].soc_pct) / width;
  const double t2 = t * t, t3 = t2 * t;
  return (2 * t3 - 3 * t2 + 1) * lfp[i].volts + (t3 - 2 * t2 + t) * width * slope(i) +
         (-2 * t3 + 3 * t2) * lfp[i + 1].volts + (t3 - t2) * width * slope(i + 1);
}

}  // namespace simulator
