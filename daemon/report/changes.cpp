#include "daemon/report/changes.h"

#include <algorithm>
#include <cmath>

namespace cellwarden::report {

namespace {

using Day = std::chrono::sys_days;
using Days = std::chrono::days;

double median_of(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !known(value); });
  if (values.empty()) return absent;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

struct Point {
  Day day;
  double value;
};
using Points = std::vector<Point>;

double value_of(const std::vector<double>& cells, std::size_t cell) {
  return cell < cells.size() ? cells[cell] : absent;
}

/// The median of the points of [from, to); absent where they are too few.
double median_between(const Points& points, Day from, Day to) {
  constexpr std::size_t least = 3;
  std::vector<double> values;
  for (auto at = std::ranges::lower_bound(points, from, {}, &Point::day); at != points.end() && at->day < to; ++at)
    values.push_back(at->value);
  return values.size() < least ? absent : median_of(std::move(values));
}

constexpr std::chrono::days week{7};
constexpr double least_share = 0.25, least_mohm = 0.1;

/// Both in what the cell has and in what it has more than the middle cell.
double step_at(const Points& own, const Points& over, Day day) {
  const double before = median_between(own, day - week, day), after = median_between(own, day, day + week);
  const double more = median_between(over, day, day + week) - median_between(over, day - week, day);
  const double step = after - before;
  if (!known(step) || !known(more) || step * more <= 0) return 0;
  const double size = std::min(std::abs(step), std::abs(more));
  return size > least_mohm && size > least_share * std::min(before, after) ? size : 0;
}

/// An estimate follows a step over days: it began where a fifth of the way was first gone.
Day beginning_of(const Points& points, Day middle, double before, double after) {
  for (const auto& [day, value] : points) {
    if (day < middle - 2 * week || day > middle + week) continue;
    if ((value - before) / (after - before) > 0.2) return day;
  }
  return middle;
}

void add_steps(const std::vector<DayPoint>& all, std::size_t cell, std::vector<ResistanceStep>& found) {
  Points own, over;
  for (const DayPoint& day : all) {
    const double mohm = value_of(day.r_mohm, cell);
    if (!known(mohm)) continue;
    own.push_back({day.day, mohm});
    over.push_back({day.day, mohm - median_of(day.r_mohm)});
  }
  Day next{};
  for (std::size_t n = 0; n < own.size(); ++n) {
    if (own[n].day < next) continue;
    double most = 0;
    Day best{};
    for (std::size_t k = n; k < own.size() && own[k].day < own[n].day + 2 * week; ++k) {
      const double size = step_at(own, over, own[k].day);
      if (k == n && size == 0) break;
      if (size > most) most = size, best = own[k].day;
    }
    if (most == 0) continue;
    // Once more from afar: near a step the estimate is still on its way.
    const double before = median_between(own, best - 2 * week, best - Days{3}),
                 after = median_between(own, best + week, best + 4 * week);
    const double near_before = median_between(own, best - week, best),
                 near_after = median_between(own, best, best + week);
    const double from = known(before) ? before : near_before, to = known(after) ? after : near_after;
    if (std::abs(to - from) > least_mohm)
      found.push_back({beginning_of(own, best, from, to), static_cast<int>(cell) + 1, from, to});
    next = best + 2 * week;
  }
}

/// How well a bend at `at` explains the points: flat before, straight after. Less is better.
double misfit(const Points& points, Day at, double& slope) {
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0;
  for (const auto& [day, y] : points) {
    const double x = std::max(0.0, static_cast<double>((day - at).count()));
    n += 1, sx += x, sy += y, sxx += x * x, sxy += x * y, syy += y * y;
  }
  const double spread = sxx - sx * sx / n;
  if (spread <= 0) return absent;
  slope = (sxy - sx * sy / n) / spread;
  return std::max(0.0, syy - sy * sy / n - slope * slope * spread);
}

}  // namespace

double spread_pct(const DayPoint& day) {
  double most = absent;
  for (const double pct : day.offset_pct) most = std::fmax(most, pct);
  return most;
}

std::optional<Trouble> present_trouble(const std::vector<DayPoint>& all, const PackSettings::Thresholds& thresholds) {
  std::optional<Trouble> run;
  bool looked = false;
  for (const DayPoint& day : all) {
    const double spread = spread_pct(day);
    const bool all_known = known(spread) && std::ranges::all_of(day.offset_pct, [](double pct) { return known(pct); });
    if (day.cut_by_bms > 0 || spread > thresholds.unbalanced_pp) {
      if (!run) run = Trouble{.since = day.day, .from_the_first = !looked};
      run->cut_by_bms += day.cut_by_bms;
    } else if (all_known && spread <= thresholds.balanced_pp) {
      run.reset();
    }
    looked = looked || known(spread);
  }
  return run;
}

std::vector<ResistanceStep> resistance_steps(const std::vector<DayPoint>& all) {
  constexpr std::size_t most = 8;
  std::size_t cells = 0;
  for (const DayPoint& day : all) cells = std::max(cells, day.r_mohm.size());
  std::vector<ResistanceStep> found;
  for (std::size_t cell = 0; cell < cells; ++cell) add_steps(all, cell, found);
  std::ranges::stable_sort(found, {}, &ResistanceStep::day);
  if (found.size() > most) found.erase(found.begin(), found.end() - most);
  return found;
}

std::vector<Drought> droughts(const std::vector<DayPoint>& all, Day today) {
  constexpr std::chrono::days longest{14};
  std::vector<Drought> found;
  std::optional<Day> full;
  for (const DayPoint& day : all) {
    if (day.charges == 0 || !known(spread_pct(day))) continue;
    if (full && day.day - *full > longest) found.push_back({*full, day.day, false});
    full = day.day;
  }
  if (full && today - *full > longest) found.push_back({*full, today, true});
  return found;
}

std::optional<Day> drift_began(const std::vector<DayPoint>& all, int cell) {
  constexpr std::size_t least = 12, least_flat = 5, newest = 400;
  constexpr double far_pp = 0.6, sure = 12;
  Points points;
  for (const DayPoint& day : all) {
    const double pct = value_of(day.offset_pct, static_cast<std::size_t>(cell) - 1);
    if (known(pct)) points.push_back({day.day, pct - median_of(day.offset_pct)});
  }
  if (points.size() > newest) points.erase(points.begin(), points.end() - newest);
  if (points.size() < least) return std::nullopt;
  // Only until it is well on its way: a cell that is far behind is seen less well, or not at all.
  const auto mean_of = [](auto from, auto to) {
    double sum = 0;
    for (auto at = from; at != to; ++at) sum += at->value;
    return sum / static_cast<double>(to - from);
  };
  const double base = mean_of(points.begin(), points.begin() + least_flat),
               last = mean_of(points.end() - least_flat, points.end()), sign = last < base ? -1 : 1;
  std::size_t beyond = 0, end = 0;
  for (; end < points.size() && beyond < least_flat; ++end)
    beyond = sign * (points[end].value - base) > far_pp ? beyond + 1 : 0;
  points.resize(std::max(end, least));

  double slope = 0, best = absent;
  const double straight = misfit(points, points.front().day, slope);
  Day at{};
  for (Day day = points[least_flat].day; day < points[points.size() - 3].day; day += Days{1}) {
    const double now = misfit(points, day, slope);
    if (known(now) && !(now >= best)) best = now, at = day;
  }
  // A bend must explain far more than a straight line does.
  const auto free = static_cast<double>(points.size() - 3);
  return known(best) && straight - best > sure * best / free ? std::optional(at) : std::nullopt;
}

}  // namespace cellwarden::report
