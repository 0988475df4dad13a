#include "daemon/analysis/balancing.h"

#include "daemon/analysis/drift_trend.h"
#include "daemon/analysis/terms.h"

namespace cellwarden {

namespace {

constexpr double day_s = 86400, share_of_a_day = 0.3, share_of_a_sample = 0.01, usual_delta_v = 0.010;
constexpr double plateau_below_start_v = 0.020, high_c = 0.1, least_current_a = 0.01;

}  // namespace

void Balancing::update(const Terms& terms, const Reading& reading, std::span<const double> v, double pack_a,
                       double dt_s, double now_s) {
  if (!known(day_began_s)) day_began_s = now_s;
  if (now_s - day_began_s >= day_s) close_day(now_s);
  if (reading.balancing == false) return;
  const double start_v = terms.balance_start_v(), lowest = std::ranges::min(v), highest = std::ranges::max(v);
  const double delta_v = terms.balance_delta_v(usual_delta_v);

  bool any = false;
  for (std::size_t i = 0; i < v.size(); ++i) {
    // Its own word, else what its settings would have it do.
    const auto& list = reading.balancing_cells;
    const bool drained = list ? std::ranges::find(*list, static_cast<int>(i) + 1) != list->end()
                              : v[i] > start_v && v[i] - lowest > delta_v;
    if (drained) today_s[i] += dt_s;
    any = any || drained;
  }
  if (!any && reading.balancing != true) return;
  today_any_s += dt_s;
  if (reading.balancing != true) return;
  seen_s = now_s;
  if (reading.balance_current_a && std::abs(*reading.balance_current_a) > least_current_a) {
    const double measured = std::abs(*reading.balance_current_a);
    current_a = known(current_a) ? current_a + share_of_a_sample * (measured - current_a) : measured;
  }
  if (highest < terms.chemistry->balance_start_v - plateau_below_start_v) plateau_s += dt_s, plateau_seen_s = now_s;
  if (std::abs(pack_a) > high_c * terms.capacity_ah) high_current_s += dt_s, high_current_seen_s = now_s;
}

void Balancing::close_day(double now_s) {
  const double passed = (now_s - day_began_s) / day_s;
  const double share = days == 0 ? 1 : std::max(share_of_a_day, 1.0 / (days + 1));
  const auto close = [&](double& tau, double& seconds) {
    tau += share * (seconds / 3600 / passed - tau);
    seconds = 0;
  };
  for (std::size_t i = 0; i < max_cells; ++i) close(tau_h[i], today_s[i]);
  close(tau_any_h, today_any_s);
  // What was seen a minute on one day and never again is forgotten in a few.
  plateau_s *= 0.5, high_current_s *= 0.5;
  ++days;
  day_began_s = now_s;
}

void Balancing::learn(const Offsets& top) {
  if (top.bounded) return;
  const double day = top.time_s / day_s;
  const auto size = static_cast<std::size_t>(charges);
  if (size > 0 && day - at_day[size - 1] < 0.5) {
    spread_ah[size - 1] = std::min(spread_ah[size - 1], top.spread_ah);
    return;
  }
  if (size == most_charges) {
    std::shift_left(at_day.begin(), at_day.end(), 1);
    std::shift_left(spread_ah.begin(), spread_ah.end(), 1);
    --charges;
  }
  at_day[static_cast<std::size_t>(charges)] = day, spread_ah[static_cast<std::size_t>(charges)] = top.spread_ah;
  ++charges;
}

double Balancing::fall_ah_day() const {
  constexpr int least_charges = 5;
  if (charges < least_charges) return absent;
  Series series;
  for (std::size_t i = 0; i < static_cast<std::size_t>(charges); ++i) series.add(at_day[i], spread_ah[i]);
  return -trend_of(series).pp_day;
}

}  // namespace cellwarden
