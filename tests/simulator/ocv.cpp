#include "tests/simulator/ocv.h"

#include <algorithm>
#include <array>
#include <span>

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

// Beyond 100 %: +0.03 V and +0.04 V for each per cent.
constexpr std::array nmc = std::to_array<Point>(
    {{0, 3.000},  {0.5, 3.075},  {1, 3.140},  {2, 3.235},    {3, 3.300},   {5, 3.385},    {7.5, 3.455}, {10, 3.483},
     {15, 3.510}, {20, 3.546},   {25, 3.577}, {30, 3.602},   {35, 3.622},  {40, 3.640},   {50, 3.680},  {60, 3.738},
     {65, 3.783}, {70, 3.838},   {75, 3.897}, {80, 3.953},   {85, 4.010},  {90, 4.067},   {95, 4.127},  {97, 4.153},
     {98, 4.166}, {98.5, 4.173}, {99, 4.180}, {99.5, 4.190}, {100, 4.200}, {101.2, 4.236}});

constexpr std::array lto = std::to_array<Point>(
    {{0, 1.800},  {0.5, 1.870},  {1, 1.930},  {2, 2.010},    {3, 2.050},   {5, 2.100},    {7.5, 2.130}, {10, 2.150},
     {15, 2.180}, {20, 2.200},   {25, 2.215}, {30, 2.225},   {35, 2.235},  {40, 2.240},   {50, 2.250},  {60, 2.290},
     {65, 2.325}, {70, 2.370},   {75, 2.420}, {80, 2.470},   {85, 2.530},  {90, 2.590},   {95, 2.650},  {97, 2.680},
     {98, 2.700}, {98.5, 2.715}, {99, 2.735}, {99.5, 2.755}, {100, 2.780}, {101.2, 2.828}});

std::span<const Point> table_of(Chemistry chemistry) {
  switch (chemistry) {
    case Chemistry::nmc:
      return nmc;
    case Chemistry::lto:
      return lto;
    default:
      return lfp;
  }
}

double secant(std::span<const Point> table, std::size_t i) {
  return (table[i + 1].volts - table[i].volts) / (table[i + 1].soc_pct - table[i].soc_pct);
}

/// Fritsch-Carlson by the harmonic mean: no corner, no overshoot, so no landmark that no cell has.
double slope(std::span<const Point> table, std::size_t i) {
  if (i == 0) return secant(table, 0);
  if (i == table.size() - 1) return secant(table, i - 1);
  const double left = secant(table, i - 1), right = secant(table, i);
  return left * right <= 0 ? 0 : 2 * left * right / (left + right);
}

}  // namespace

double ocv(Chemistry chemistry, double soc) {
  const auto table = table_of(chemistry);
  const double x = std::clamp(soc * 100, table.front().soc_pct, table.back().soc_pct);
  const auto after =
      std::upper_bound(table.begin() + 1, table.end() - 1, x, [](double at, const Point& p) { return at < p.soc_pct; });
  const auto i = static_cast<std::size_t>(after - table.begin()) - 1;
  const double width = table[i + 1].soc_pct - table[i].soc_pct, t = (x - table[i].soc_pct) / width;
  const double t2 = t * t, t3 = t2 * t;
  return (2 * t3 - 3 * t2 + 1) * table[i].volts + (t3 - 2 * t2 + t) * width * slope(table, i) +
         (-2 * t3 + 3 * t2) * table[i + 1].volts + (t3 - t2) * width * slope(table, i + 1);
}

double hysteresis_v(Chemistry chemistry) { return chemistry == Chemistry::lfp ? 0.008 : 0.002; }

}  // namespace simulator
