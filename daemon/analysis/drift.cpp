#include "daemon/analysis/drift.h"

#include "daemon/analysis/drift_trend.h"
#include "daemon/analysis/terms.h"

namespace cellwarden {

namespace {

constexpr std::array<std::size_t, 6> windows = {9, 12, 16, 24, 36, 64};
constexpr std::size_t least_points = windows.front(), slope_points = 16;
constexpr double crossed_floor_pp = 0.25, aligned_floor_pp = 1.0;
constexpr double least_noise_pp = 0.08, mad_to_sigma = 1.4826, jump_sigmas = 6;
constexpr double alarm_pp = 5, stale_days = 14, trust_in_the_past = 0.4;
constexpr std::ptrdiff_t points_to_end = 8;

/// Rule 1.
bool has_trend(const Series& series, std::size_t cells, double floor_pp) {
  return std::ranges::any_of(windows, [&](std::size_t w) {
    return series.size >= w && is_drift(trend_of(series.newest(w)), cells, floor_pp);
  });
}

/// Rule 2: six points that go one way in steps of like size.
bool runs_off(const Series& series) {
  constexpr std::size_t points = 6;
  constexpr double total_pp = 0.6, step_pp = 0.04;
  if (series.size < points) return false;
  const Series last = series.newest(points);
  const double total = last.pp[points - 1] - last.pp[0];
  if (std::abs(total) <= total_pp) return false;
  for (std::size_t i = 1; i < points; ++i) {
    const double step = (last.pp[i] - last.pp[i - 1]) / total;
    if (step * std::abs(total) <= step_pp || step >= 0.5) return false;
  }
  return true;
}

/// One cell's crossings among the charges.
class Crossed {
 public:
  Crossed(const DriftPoints& points, const DriftTable& table, std::size_t cells, std::size_t cell)
      : points_(points), table_(table), cells_(cells), cell_(cell) {
    for (std::size_t r = 0; r < points.size(); ++r) {
      if (!known(table.value(r, cell))) continue;
      last_ = r, ++count_;
    }
  }

  std::size_t count() const { return count_; }
  /// Charges since its last in which so great a share of the cells crossed. `further`: only those that went on to where
  /// it would have crossed, had it kept its place; the first full cell may end a charge before.
  std::size_t missed(double share, bool further = false) const {
    constexpr double margin_pp = 0.3;
    std::size_t n = 0;
    for (std::size_t r = last_ + 1; r < points_.size(); ++r) {
      const double bound = table_.bound(r, cell_);
      if (further && !(known(bound) && bound + margin_pp > table_.value(last_, cell_))) continue;
      const auto crossed = static_cast<double>(points_.row(r).count(PointKind::crossed, cells_));
      n += crossed >= share * static_cast<double>(cells_);
    }
    return n;
  }
  /// Of the `n` charges up to its last.
  std::size_t crossed_of(std::size_t n) const {
    std::size_t all = 0;
    for (std::size_t r = last_ + 1 > n ? last_ + 1 - n : 0; r <= last_; ++r) all += known(table_.value(r, cell_));
    return all;
  }
  /// Rule 3.
  bool lost() const {
    constexpr double least_pp = 0.3;
    if (count_ < 5 || crossed_of(5) < 3 || crossed_of(20) < 5 || missed(0.5) < 4) return false;
    const Series all = table_.series(cell_);
    const double last = all.pp[all.size - 1], first = (all.pp[0] + all.pp[1] + all.pp[2]) / 3;
    return last > least_pp && last - first > least_pp;
  }
  /// It lacks surely more than it ever did: no crossing is needed to know that.
  bool left_behind() const {
    constexpr std::size_t charges = 3;
    constexpr double more_pp = 0.6;
    if (count_ < 3) return false;
    const Series all = table_.series(cell_);
    const double most = *std::max_element(all.pp.begin(), all.pp.begin() + static_cast<std::ptrdiff_t>(all.size));
    std::size_t n = 0;
    for (std::size_t r = last_ + 1; r < points_.size(); ++r) {
      const double bound = table_.bound(r, cell_);
      n += known(bound) && bound > most + more_pp;
    }
    return n >= charges;
  }

 private:
  const DriftPoints& points_;
  const DriftTable& table_;
  std::size_t cells_, cell_, last_ = 0, count_ = 0;
};

/// Where more than a quarter of the cells jump at once the pack was worked at; 0: nowhere.
std::size_t last_break(const DriftTable& table, std::size_t rows, std::size_t cells) {
  std::array<std::size_t, DriftPoints::most_rows> jumps{};
  for (std::size_t i = 0; i < cells; ++i) {
    std::array<double, DriftPoints::most_rows> step{}, sorted{};
    std::array<std::size_t, DriftPoints::most_rows> at{};
    std::size_t n = 0;
    double before = absent;
    for (std::size_t r = 0; r < rows; ++r) {
      const double now = table.value(r, i);
      if (!known(now)) continue;
      if (known(before)) at[n] = r, sorted[n] = std::abs(now - before), step[n] = sorted[n], ++n;
      before = now;
    }
    if (n < 4) continue;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(n / 2);
    std::nth_element(sorted.begin(), middle, sorted.begin() + static_cast<std::ptrdiff_t>(n));
    const double noise = std::max(least_noise_pp, mad_to_sigma * *middle / std::sqrt(2.0));
    for (std::size_t k = 0; k < n; ++k) jumps[at[k]] += step[k] > jump_sigmas * noise;
  }
  for (std::size_t r = rows; r-- > 1;)
    if (4 * jumps[r] > cells) return r;
  return 0;
}

}  // namespace

void Drift::learn(double day, const Offsets& top, std::size_t n, double capacity_ah) {
  if (!points.add(day, top, n, capacity_ah)) return;
  if (points.row(points.size() - 1).count(PointKind::crossed, n) > 0) crossed_day = day;
  if (const std::size_t at = last_break(DriftTable(points, n, PointKind::crossed), points.size(), n)) {
    points.forget_before(at);
    broken = true;
  }
  const DriftTable crossed(points, n, PointKind::crossed);
  const DriftTable aligned(points, n, PointKind::aligned);
  broken = broken && points.size() < least_points;

  std::size_t absentees = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const Series series = crossed.series(i);
    const Crossed history(points, crossed, n, i);
    DriftCell& cell = cells[i];
    cell.points = static_cast<int>(series.size);
    cell.pp_day = series.size >= least_points ? trend_of(series.newest(slope_points)).pp_day : absent;
    cell.behind_pp = series.size > 0 ? series.pp[series.size - 1] : absent;
    const bool measured = has_trend(series, n, crossed_floor_pp) || runs_off(series);
    cell.measured_day = series.size > 0 ? series.day[series.size - 1] : absent;
    if (measured && known(cell.pp_day) && !(cell.measured_day <= cell.last_day))
      cell.last_pp_day = cell.pp_day, cell.last_day = cell.measured_day;
    const bool drifts =
        measured || has_trend(aligned.series(i), n, aligned_floor_pp) || history.lost() || history.left_behind();
    if (drifts) cell.drifted_day = day;
    // Ended is what was not seen in any of these charges either.
    const auto since = std::count_if(series.day.begin(), series.day.begin() + static_cast<std::ptrdiff_t>(series.size),
                                     [&](double at) { return !(at <= cell.drifted_day); });
    const bool stays = cell.standing == 2 && !(is_over(series) && since >= points_to_end);
    const bool gone = history.count() >= 3 && history.missed(0.7, true) >= 8;  // rule 4
    absentees += gone;
    cell.standing = drifts || stays ? 2 : gone ? 1 : 0;
  }
  if (absentees > 2)
    for (std::size_t i = 0; i < n; ++i) cells[i].standing &= 2;
}

void say_drift(const Terms& terms, const Memory& memory, Insight& insight) {
  const Drift& drift = memory.drift;
  const double today = memory.clock_s / 86400;
  const Reason few = drift.broken ? Reason::series_break : Reason::too_few_points;
  for (std::size_t i = 0; i < insight.drift_pp_day.size(); ++i) {
    const DriftCell& cell = drift.cells[i];
    const bool slope = known(cell.pp_day), drifts = cell.standing == 2;
    const double trust = slope ? std::min(1.0, cell.points / 16.0) : 0;
    const bool once = !slope && drifts && known(cell.last_pp_day);
    const double pp_day = once ? cell.last_pp_day : cell.pp_day;
    const auto say = [&](Output<double>& output, bool said, double value) {
      output = said ? Output<double>::known(value, once ? trust_in_the_past : trust)
                    : Output<double>::unknown(slope ? Reason::gate_not_met : few);
    };
    say(insight.drift_pp_day[i], slope || once, pp_day);
    say(insight.drift_measured_days_ago[i], slope || once,
        std::max(0.0, today - (once ? cell.last_day : cell.measured_day)));
    const bool leaks = (slope || once) && drifts && pp_day > 0;
    say(insight.equivalent_leak_ma[i], leaks, pp_day / 100 * terms.capacity_ah / 24 * 1000);
    say(insight.days_to_alarm[i], leaks && known(cell.behind_pp), std::max(0.0, (alarm_pp - cell.behind_pp) / pp_day));
    using Yes = Output<bool>;
    insight.drift_significant[i] = slope || drifts ? Yes::known(drifts, std::max(trust, 0.5)) : Yes::unknown(few);
    insight.drift_suspect[i] = slope || cell.standing > 0 ? Yes::known(cell.standing == 1, 0.5) : Yes::unknown(few);
  }
  const double since = known(drift.crossed_day) ? drift.crossed_day : 0;
  insight.need_full_charge = Output<bool>::known(today - since > stale_days, 1);
}

}  // namespace cellwarden
