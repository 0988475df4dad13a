#include "daemon/analysis/segments.h"

namespace cellwarden {

namespace {

constexpr double least_c = 0.004, rested_s = 600, before_knee_v = 0.03, least_flat_below_knee_v = 0.035;
constexpr double temperature_trust = 0.5, balancing_trust = 0.7, strong_balancer_c = 0.005, strong_balancer_trust = 0.5;

double doubtful(double trust, Reason doubt) {
  if (doubt == Reason::temperature || doubt == Reason::sum_mismatch) return std::min(trust, temperature_trust);
  return trust;
}

double balancer_trust(const Reading& reading, double capacity_ah) {
  if (!reading.balancing.value_or(false)) return 1;
  if (!reading.balance_current_a) return balancing_trust;
  return std::abs(*reading.balance_current_a) > strong_balancer_c * capacity_ah ? strong_balancer_trust : 1;
}

}  // namespace

void ChargeSegment::open(const Terms& terms, const SegmentSample& now) {
  open_ = true, in_knee_ = false, hint_at_ = 0;
  knee_s_ = knee_as_ = no_current_s_ = highest_u_ = 0;
  facts_ = {.cells = now.u.size(), .capacity_ah = terms.capacity_ah};
  std::ranges::copy(now.u, facts_.peak_u.begin());
  reopen_crossings(terms, now);
  curves.open(now.u.size(), now.q, terms.capacity_ah);
  watch_.open(now.sample.steady_s);
}

void ChargeSegment::reopen_crossings(const Terms& terms, const SegmentSample& now) {
  const ChemistryTraits& c = *terms.chemistry;
  crossings.open({c.top_levels, +1, c.top_level_v, c.top_level_per_c, 0.012}, now.u, now.q);
  std::ranges::copy(now.u, facts_.peak_u.begin());
  in_knee_ = false, highest_u_ = 0;
}

void ChargeSegment::update(const Terms& terms, const Memory& memory, const SegmentSample& now) {
  const ChemistryTraits& c = *terms.chemistry;
  const double dt = now.sample.dt_s, high = std::ranges::max(now.u);
  for (std::size_t i = 0; i < now.u.size(); ++i) facts_.peak_u[i] = std::max(facts_.peak_u[i], now.u[i]);
  if (high >= highest_u_) {
    highest_u_ = high;
    std::ranges::copy(now.u, facts_.u_then.begin());
  }
  const double c_rate = now.sample.current_a / terms.capacity_ah;
  if (c_rate > least_c) {
    crossings.update(now.u, now.q, c_rate);
    no_current_s_ = 0;
  } else {
    no_current_s_ += dt;
  }
  if (c.landmarks || c_rate > least_c) curves.add(now.u, now.q, now.sample.current_a);
  if (no_current_s_ > rested_s) {
    for (std::size_t i = 0; i < now.u.size(); ++i) facts_.rest_sum[i] += now.u[i];
    ++facts_.rest_count;
  } else {
    facts_.rest_sum = {}, facts_.rest_count = 0;
  }
  in_knee_ = in_knee_ || high >= c.live_v;
  if (high >= c.top_level_v) {
    facts_.trust = std::min(doubtful(facts_.trust, now.doubt), balancer_trust(now.reading, terms.capacity_ah));
  }
  if (high >= c.knee_v - before_knee_v && high < c.knee_v) {
    knee_s_ += dt;
    knee_as_ += dt * now.smooth_a;
  }
  watch_.update(now.sample, now.reading, terms.limits, terms.charger_v(memory), terms.cable_ohm(), terms.capacity_ah,
                (c.knee_v - least_flat_below_knee_v) * static_cast<double>(now.u.size()));
}

SegmentFacts ChargeSegment::close(const Memory& memory, bool whole) const {
  SegmentFacts facts = facts_;
  facts.q_end = memory.q, facts.time_s = memory.clock_s, facts.whole = whole;
  facts.finished = watch_.tripped() || (whole && watch_.cause() == Stop::charger);
  return facts;
}

void DischargeSegment::open(const Terms& terms, const SegmentSample& now) {
  const ChemistryTraits& c = *terms.chemistry;
  open_ = true, in_knee_ = false;
  knee_s_ = knee_as_ = no_current_s_ = 0, lowest_u_ = 10;
  facts_ = {.cells = now.u.size(), .capacity_ah = terms.capacity_ah};
  std::ranges::copy(now.u, facts_.peak_u.begin());
  crossings.open({c.bottom_levels, -1, c.bottom_level_v, c.bottom_level_per_c, 0.015}, now.u, now.q);
  if (!c.landmarks) curves.open(now.u.size(), -now.q, terms.capacity_ah);
  watch_.open();
}

void DischargeSegment::update(const Terms& terms, const SegmentSample& now) {
  const ChemistryTraits& c = *terms.chemistry;
  const double low = std::ranges::min(now.u), c_rate = now.sample.current_a / terms.capacity_ah;
  if (c_rate < -least_c) {
    for (std::size_t i = 0; i < now.u.size(); ++i) facts_.peak_u[i] = std::min(facts_.peak_u[i], now.u[i]);
    if (low <= lowest_u_) {
      lowest_u_ = low;
      std::ranges::copy(now.u, facts_.u_then.begin());
    }
    crossings.update(now.u, now.q, c_rate);
    if (!c.landmarks) curves.add(now.u, -now.q, now.sample.current_a);
    if (low < c.bottom_level_v) {
      knee_s_ += now.sample.dt_s, knee_as_ += now.sample.dt_s * now.smooth_a;
      facts_.trust = doubtful(facts_.trust, now.doubt);
    }
    in_knee_ = in_knee_ || low < c.bottom_v;
    no_current_s_ = 0;
  } else {
    no_current_s_ += now.sample.dt_s;
  }
  watch_.update(now.sample, now.reading, terms.limits, terms.capacity_ah, low, c.bottom_v);
}

SegmentFacts DischargeSegment::close(const Memory& memory) const {
  SegmentFacts facts = facts_;
  facts.q_end = memory.q, facts.time_s = memory.clock_s;
  return facts;
}

}  // namespace cellwarden
