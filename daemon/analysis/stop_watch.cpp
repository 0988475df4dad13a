#include "daemon/analysis/stop_watch.h"

namespace cellwarden {

namespace {

constexpr double tau_s = 12, near_limit_v = 0.010, recent_s = 30, nothing_c = 0.005, collapse_s = 10;
constexpr double flat_share = 0.001, flat_hold_s = 300, fallen_to = 0.8, after_flat_s = 120, quick_hold_s = 45,
                 quick_fall_c = 0.08, set_share = 0.002, furthest_v = 0.1;

bool has(const std::optional<std::vector<Alarm>>& alarms, std::initializer_list<Alarm> any) {
  return alarms && std::ranges::any_of(*alarms, [&](Alarm a) { return std::ranges::find(any, a) != any.end(); });
}

void follow(Cells& smooth, std::span<const double> v, double dt_s, bool first) {
  const double share = first ? 1 : 1 - std::exp(-dt_s / tau_s);
  for (std::size_t i = 0; i < v.size(); ++i) smooth[i] += share * (v[i] - smooth[i]);
}

double highest(const Cells& v, std::size_t n) { return *std::max_element(v.begin(), v.begin() + static_cast<long>(n)); }
double lowest(const Cells& v, std::size_t n) { return *std::min_element(v.begin(), v.begin() + static_cast<long>(n)); }

/// The current was there at the sample before, or a moment ago.
bool just_now(double dt_s, double since_s) { return since_s <= std::clamp(dt_s, collapse_s, recent_s); }

}  // namespace

void Reach::update(double dt_s, double v, bool flowing) {
  if (!flowing) {
    last_v_ = absent;
    return;
  }
  const double step = known(last_v_) ? std::clamp(v - last_v_, -furthest_v, furthest_v) : 0;
  v_ = dt_s <= recent_s ? v + step : v;
  last_v_ = v;
}

void ChargeWatch::open(double now_s) {
  *this = {};
  flat_since_s_ = now_s;
}

void ChargeWatch::update(const Sample& sample, const Reading& reading, const Limits& limits, double set_v,
                         double cable_ohm, double capacity_ah, double least_flat_v) {
  const double held_v = sample.pack_v + cable_ohm * sample.current_a;  // what the charger sees
  const double now = sample.steady_s, high = std::ranges::max(sample.v);
  follow(smooth_v_, sample.v, sample.dt_s, first_);
  smooth_pack_v_ += (first_ ? 1 : 1 - std::exp(-sample.dt_s / tau_s)) * (held_v - smooth_pack_v_);
  first_ = false;
  peak_v_ = std::max(peak_v_, highest(smooth_v_, sample.v.size()));
  if (high >= recent_high_v_ || now - recent_high_s_ > recent_s) recent_high_v_ = high, recent_high_s_ = now;

  if (!tripped()) {
    const double ovp = limits.cell_ovp_v.value_or(1e9), pack_ovp = limits.pack_ovp_v.value_or(1e9);
    const bool off = reading.charge_on && !*reading.charge_on;
    const bool collapsed = !reading.charge_on && sample.current_a < nothing_c * capacity_ah &&
                           last_a_ > 4 * nothing_c * capacity_ah && just_now(sample.dt_s, now - last_a_s_);
    const double highest_v = std::fmax(recent_high_v_, just_now(sample.dt_s, now - last_a_s_) ? reach_.v() : absent);
    if (has(reading.alarms, {Alarm::cell_overvoltage}) || ((off || collapsed) && highest_v >= ovp - near_limit_v))
      trip_ = Stop::bms_cell;
    else if (has(reading.alarms, {Alarm::pack_overvoltage}) || (off && sample.pack_v >= pack_ovp * (1 - flat_share)))
      trip_ = Stop::bms_pack;
    else if (has(reading.alarms, {Alarm::charge_overcurrent, Alarm::charge_overtemperature,
                                  Alarm::charge_undertemperature, Alarm::mos_overtemperature}))
      trip_ = Stop::bms_other;
  }
  const bool flowing = sample.current_a > 4 * nothing_c * capacity_ah;
  reach_.update(sample.dt_s, high, flowing);
  if (flowing) last_a_ = sample.current_a, last_a_s_ = now;
  if (sample.current_a > nothing_c * capacity_ah) {
    last_current_s_ = now;
    at_set_v_ = known(set_v) && smooth_pack_v_ >= set_v * (1 - set_share);
    reached_set_v_ = reached_set_v_ || at_set_v_;
  }
  watch_flat(sample, capacity_ah, least_flat_v);
}

void ChargeWatch::watch_flat(const Sample& sample, double capacity_ah, double least_flat_v) {
  const double now = sample.steady_s;
  const bool flowing = sample.current_a > nothing_c * capacity_ah && smooth_pack_v_ >= least_flat_v;
  if (!flowing || std::abs(smooth_pack_v_ - flat_v_) > flat_share * flat_v_) {
    flat_v_ = smooth_pack_v_, flat_since_s_ = now, flat_from_a_ = sample.current_a;
    return;
  }
  // A strong fall would have moved a voltage that nobody holds, so less time is enough.
  const bool slowly = now - flat_since_s_ >= flat_hold_s && sample.current_a <= fallen_to * flat_from_a_;
  const bool quickly = now - flat_since_s_ >= quick_hold_s && sample.current_a <= 0.5 * flat_from_a_ &&
                       flat_from_a_ - sample.current_a >= quick_fall_c * capacity_ah;
  if (!slowly && !quickly) return;
  held_v_ = smooth_pack_v_;
  last_flat_s_ = now;
}

Stop ChargeWatch::cause() const {
  if (tripped()) return trip_;
  const bool held = known(held_v_) && last_current_s_ - last_flat_s_ <= after_flat_s;
  if (held || at_set_v_) return Stop::charger;
  return last_current_s_ > 0 ? Stop::source : Stop::unknown;
}

void DischargeWatch::open() { *this = {}; }

void DischargeWatch::update(const Sample& sample, const Reading& reading, const Limits& limits, double capacity_ah,
                            double lowest_u, double bottom_v) {
  const double now = sample.steady_s, low = std::ranges::min(sample.v);
  const bool flowing = sample.current_a < -4 * nothing_c * capacity_ah;
  follow(smooth_v_, sample.v, sample.dt_s, first_);
  first_ = false;
  if (flowing) lowest_v_ = std::min(lowest_v_, lowest(smooth_v_, sample.v.size()));
  if (low <= recent_low_v_ || now - recent_low_s_ > recent_s) recent_low_v_ = low, recent_low_s_ = now;

  const double uvp = limits.cell_uvp_v.value_or(-1e9);
  const bool off = reading.discharge_on && !*reading.discharge_on;
  const bool stopped = sample.current_a > -nothing_c * capacity_ah, just = just_now(sample.dt_s, now - loaded_s_);
  const bool at_limit = std::fmin(recent_low_v_, just ? reach_.v() : absent) <= uvp + near_limit_v;
  if (has(reading.alarms, {Alarm::cell_undervoltage}) || (off && at_limit)) {
    cause_ = Stop::bms_cell;
  } else if (has(reading.alarms, {Alarm::pack_undervoltage})) {
    cause_ = Stop::bms_pack;
  } else if (cause_ == Stop::unknown && stopped && just && lowest_u < bottom_v) {
    cause_ = at_limit && !reading.discharge_on ? Stop::bms_cell : Stop::load;
    let_go_v_ = loaded_v_;
  } else if (flowing && cause_ == Stop::load) {
    cause_ = Stop::unknown, let_go_v_ = absent;  // it went on: no cut-off
  }
  reach_.update(sample.dt_s, low, flowing);
  if (flowing) loaded_v_ = sample.pack_v, loaded_s_ = now;
}

}  // namespace cellwarden
