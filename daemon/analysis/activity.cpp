#include "daemon/analysis/activity.h"

namespace cellwarden {

namespace {

constexpr double tau_s = 60, enter_c = 0.02, stay_charging_c = 0.01;

double hold_s(Activity from, Activity to) {
  if (from != Activity::charge) return 120;
  return to == Activity::discharge ? 240 : 900;
}

}  // namespace

Activity ActivityWatch::wanted(double c_rate) const {
  if (c_rate > (now_ == Activity::charge ? stay_charging_c : enter_c)) return Activity::charge;
  if (c_rate < -enter_c) return Activity::discharge;
  return Activity::idle;
}

bool ActivityWatch::update(double dt_s, double current_a, double capacity_ah) {
  if (first_) smooth_a_ = current_a;
  first_ = false;
  smooth_a_ += (1 - std::exp(-dt_s / tau_s)) * (current_a - smooth_a_);
  const Activity towards = wanted(smooth_a_ / capacity_ah);
  if (towards != candidate_) candidate_ = towards, held_s_ = 0;
  if (candidate_ == now_) return false;
  held_s_ += dt_s;
  if (held_s_ < hold_s(now_, candidate_)) return false;
  now_ = candidate_;
  held_s_ = 0;
  return true;
}

}  // namespace cellwarden
