#include "daemon/analysis/guards.h"

namespace cellwarden {

namespace {

constexpr int most_bad_in_a_row = 20, most_backwards = 20;
constexpr double stale_after_s = 300, stale_current_c = 0.05, mismatch_hold_s = 60;
constexpr double coldest_c = 5, hottest_c = 45, widest_spread_c = 8;

bool odd_temperature(const Reading& reading) {
  double low = 1e9, high = -1e9;
  for (const auto& probe : reading.temps_c) {
    if (probe) low = std::min(low, *probe), high = std::max(high, *probe);
  }
  return low <= high && (low < coldest_c || high > hottest_c || high - low > widest_spread_c);
}

}  // namespace

Guard::Ruling Guard::judge(const Reading& reading, const ChemistryTraits& chemistry, double capacity_ah) {
  const double now = reading.steady_s;
  if (last_s_ && now <= *last_s_) {
    if (++backwards_in_a_row_ <= most_backwards) return {};
    last_s_.reset(), resume_as_gap_ = true, same_since_s_ = now, mismatch_since_s_.reset();
  }
  backwards_in_a_row_ = 0;
  if (const Reason why = unreadable(reading, chemistry); why != Reason::none) {
    if (++bad_in_a_row_ > most_bad_in_a_row) blocked_ = why, resume_as_gap_ = true;
    return {};
  }
  bad_in_a_row_ = 0;
  if (repeated(reading, capacity_ah)) {
    blocked_ = Reason::stale, resume_as_gap_ = true;
    return {};
  }
  blocked_ = Reason::none;

  Ruling ruling{.use = true};
  ruling.gap = resume_as_gap_ || !last_s_ || now - *last_s_ > longest_step_s;
  ruling.dt_s = ruling.gap ? 0 : now - *last_s_;
  if (!adds_up(reading)) {
    ruling.doubt = Reason::sum_mismatch;
  } else if (odd_temperature(reading)) {
    ruling.doubt = Reason::temperature;
  }
  resume_as_gap_ = false;
  last_s_ = now;
  return ruling;
}

Reason Guard::unreadable(const Reading& reading, const ChemistryTraits& chemistry) {
  const bool cells = !reading.cells_v.empty() && std::ranges::all_of(reading.cells_v, [&](const auto& v) {
    return v && *v >= chemistry.lowest_v && *v <= chemistry.highest_v;
  });
  if (!cells) return Reason::bad_cells;
  return reading.current_a && std::isfinite(*reading.current_a) ? Reason::none : Reason::no_current;
}

/// A current that flows moves something: a frame equal to the last for minutes is the last one sent again.
bool Guard::repeated(const Reading& reading, double capacity_ah) {
  bool same = seen_a_ == *reading.current_a && seen_ah_ == reading.remaining_ah.value_or(0);
  seen_a_ = *reading.current_a, seen_ah_ = reading.remaining_ah.value_or(0);
  for (std::size_t i = 0; i < reading.cells_v.size(); ++i) {
    same = same && seen_v_[i] == *reading.cells_v[i];
    seen_v_[i] = *reading.cells_v[i];
  }
  if (!same) same_since_s_ = reading.steady_s;
  return reading.steady_s - same_since_s_ > stale_after_s &&
         std::abs(*reading.current_a) > stale_current_c * capacity_ah;
}

bool Guard::adds_up(const Reading& reading) {
  double sum = 0;
  for (const auto& v : reading.cells_v) sum += *v;
  const double pack = reading.pack_v.value_or(sum);
  if (std::abs(sum - pack) <= std::max(0.3, 0.01 * pack)) {
    mismatch_since_s_.reset();
    return true;
  }
  if (!mismatch_since_s_) mismatch_since_s_ = reading.steady_s;
  return reading.steady_s - *mismatch_since_s_ < mismatch_hold_s;
}

}  // namespace cellwarden
