#include "daemon/analysis/drift_trend.h"

namespace cellwarden {

namespace {

constexpr std::size_t least_cells = 3, rounds = 4;
constexpr double chance = 0.01, least_slope = 0.01, mad_to_sigma = 1.4826, no_longer_z = 1.96;
constexpr std::size_t points_to_clear = 16;

using Numbers = std::array<double, DriftPoints::most_rows>;

double middle(std::span<double> values) {
  const auto n = values.size();
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(n / 2);
  std::nth_element(values.begin(), at, values.end());
  if (n % 2 == 1) return *at;
  return (*at + *std::max_element(values.begin(), at)) / 2;
}

/// The normal distribution's point with `tail` beyond it (Abramowitz and Stegun 26.2.23, to 0.0005).
double normal_point(double tail) {
  const double t = std::sqrt(-2 * std::log(tail));
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

}  // namespace

Series Series::newest(std::size_t n) const {
  Series last;
  for (std::size_t i = size > n ? size - n : 0; i < size; ++i) last.add(day[i], pp[i]);
  return last;
}

Trend trend_of(const Series& series) {
  const std::size_t n = series.size;
  Trend trend;
  if (n < 3) return trend;
  std::array<double, DriftPoints::most_rows*(DriftPoints::most_rows - 1) / 2> slopes{};
  std::size_t pairs = 0;
  double rising = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      const double step = series.pp[j] - series.pp[i];
      slopes[pairs++] = step / (series.day[j] - series.day[i]);
      rising += (step > 0) - (step < 0);
    }
  }
  trend.pp_day = middle({slopes.data(), pairs});
  trend.span_days = series.day[n - 1] - series.day[0];

  Numbers residual{}, sorted{};
  for (std::size_t i = 0; i < n; ++i) residual[i] = series.pp[i] - trend.pp_day * series.day[i];
  sorted = residual;
  const double level = middle({sorted.data(), n});
  double memory = 0, power = 0;
  for (std::size_t i = 0; i < n; ++i) {
    residual[i] -= level;
    sorted[i] = std::abs(residual[i]);
    power += residual[i] * residual[i];
    if (i > 0) memory += residual[i] * residual[i - 1];
  }
  trend.scatter_pp = mad_to_sigma * middle({sorted.data(), n});

  const double lag = power > 0 ? std::clamp(memory / power, 0.0, 0.8) : 0;
  const auto count = static_cast<double>(n);
  const double variance = count * (count - 1) * (2 * count + 5) / 18 * (1 + lag) / (1 - lag);
  trend.z = (rising - (rising > 0) + (rising < 0)) / std::sqrt(variance);
  return trend;
}

bool is_drift(const Trend& trend, std::size_t cells, double floor_pp) {
  const double z = normal_point(chance / static_cast<double>(cells) / 2);
  return std::abs(trend.z) > z && std::abs(trend.pp_day) >= least_slope &&
         std::abs(trend.pp_day * trend.span_days) > std::max(floor_pp, 3 / mad_to_sigma * trend.scatter_pp);
}

bool is_over(const Series& series) {
  return series.size >= points_to_clear && std::abs(trend_of(series.newest(points_to_clear)).z) < no_longer_z;
}

DriftTable::DriftTable(const DriftPoints& points, std::size_t cells, PointKind kind) : points_(points) {
  const std::size_t rows = points.size();
  for (std::size_t r = 0; r < rows; ++r) {
    shared_[r] = absent;
    const bool enough = points.row(r).count(kind, cells) >= least_cells;
    for (std::size_t i = 0; i < cells; ++i) {
      const DriftPoint point = points.row(r).at(i);
      value_[r][i] = enough && point.kind == kind ? point.pp : absent;
    }
  }
  // Median polish: a row's share is the middle of what its cells are off their own usual place.
  Cells own{}, held{};
  Numbers column{};
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t r = 0; r < rows; ++r) {
      std::size_t n = 0;
      for (std::size_t i = 0; i < cells; ++i)
        if (known(value_[r][i])) held[n++] = value_[r][i] - own[i];
      shared_[r] = n > 0 ? median(held, n) : absent;
    }
    for (std::size_t i = 0; i < cells; ++i) {
      std::size_t n = 0;
      for (std::size_t r = 0; r < rows; ++r)
        if (known(value_[r][i])) column[n++] = value_[r][i] - shared_[r];
      if (n > 0) own[i] = middle({column.data(), n});
    }
  }
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t i = 0; i < cells; ++i) value_[r][i] -= shared_[r];
}

Series DriftTable::series(std::size_t cell) const {
  Series series;
  for (std::size_t r = 0; r < points_.size(); ++r)
    if (known(value_[r][cell])) series.add(points_.row(r).day, value_[r][cell]);
  return series;
}

double DriftTable::bound(std::size_t row, std::size_t cell) const {
  const DriftPoint point = points_.row(row).at(cell);
  return point.kind == PointKind::bound ? point.pp - shared_[row] : absent;
}

}  // namespace cellwarden
