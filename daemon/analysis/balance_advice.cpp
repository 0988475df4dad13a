#include "daemon/analysis/balance_advice.h"

namespace cellwarden {

namespace {

using Yes = Output<bool>;
constexpr double far_apart_mv = 200, far_apart_pct = 40, by_hand_pct = 5, slow_days = 60, slow_pct = 2,
                 balanced_pct = 1, good_pct = 0.3, odd_drop_v = 0.030, least_use_h = 7 * 24, mostly_full = 3,
                 resistor_ohm = 1, longest_h = 9999;

/// Two cells of this pack joined by a resistor: hours until a tenth of their distance is left.
double equalise_hours(const Terms& terms, double apart_share) {
  const OcvCurve& curve = terms.chemistry->curve;
  double high = 1, low = 1 - std::min(apart_share, 1.0), hours = 0;
  const double enough = (high - low) / 10, step_h = 0.5;
  while (high - low > enough && hours < longest_h) {
    const double moved = (curve.volts(high) - curve.volts(low)) / resistor_ohm * step_h / terms.capacity_ah;
    high -= moved, low += moved, hours += step_h;
  }
  return std::min(hours, longest_h);
}

/// What the offsets alone decide.
struct Spread {
  double pct;
  double trust;
};

std::optional<Spread> spread_of(const Memory& memory, const Insight& insight) {
  if (!memory.top.seen || !insight.offset_top_spread_pct.value) return std::nullopt;
  return Spread{*insight.offset_top_spread_pct.value, insight.offset_top_spread_pct.confidence};
}

void say_equalise(const Terms& terms, const std::optional<Spread>& spread, Insight& insight) {
  const auto& rest = insight.delta_rest_mv.value;
  if (!spread && !rest) {
    insight.equalise_first = Yes::unknown(Reason::top_never_seen);
    insight.equalise_hours = Output<double>::unknown(Reason::top_never_seen);
    return;
  }
  const bool first = (rest && *rest > far_apart_mv) || (spread && spread->pct > far_apart_pct);
  insight.equalise_first = Yes::known(first, spread ? spread->trust : 1);
  insight.equalise_hours = first && spread ? Output<double>::known(equalise_hours(terms, spread->pct / 100), 0.5)
                                           : Output<double>::unknown(Reason::gate_not_met);
}

/// By hand, where the BMS cannot do it in time; not where balancing is not what is wrong.
bool by_hand(double pct, const Insight& insight) {
  const auto& primary = insight.pack_class.value;
  if (primary == PackClass::mismatch || primary == PackClass::resistance) return false;
  if (insight.balance_state.value == BalanceState::bottom) return false;
  const bool no_voltage = insight.charge_verdict.value == ChargeVerdict::bms &&
                          insight.recommended_charge_v.reason == Reason::too_unbalanced;
  const bool slow = insight.balance_never.value.value_or(false) || insight.balance_days.value.value_or(0) > slow_days;
  return pct >= by_hand_pct || no_voltage || (slow && pct >= slow_pct);
}

TopBalanceQuality quality(const Memory& memory, double pct) {
  auto grade = pct <= good_pct       ? TopBalanceQuality::good
               : pct <= balanced_pct ? TopBalanceQuality::fair
                                     : TopBalanceQuality::poor;
  const auto n = static_cast<std::size_t>(memory.cells);
  if (!memory.usage.settled || grade != TopBalanceQuality::good) return grade;
  const double usual = median(memory.usage.rest_drop_v, n);
  for (std::size_t i = 0; i < n; ++i)
    if (std::abs(memory.usage.rest_drop_v[i] - usual) > odd_drop_v) grade = TopBalanceQuality::fair;
  return grade;
}

void say_kind(const Memory& memory, Insight& insight) {
  const Usage& use = memory.usage;
  if (use.heard_h < least_use_h) {
    insight.suggested_balance_kind = Output<BalanceKind>::unknown(Reason::too_few_points);
    return;
  }
  // Most balancers work at the top, and would undo the other kind.
  const bool top = use.high_h >= mostly_full * use.low_h || known(memory.balancing.seen_s);
  insight.suggested_balance_kind = Output<BalanceKind>::known(top ? BalanceKind::top : BalanceKind::bottom, 0.8);
}

}  // namespace

void say_balance_advice(const Terms& terms, const Memory& memory, Insight& insight) {
  const auto spread = spread_of(memory, insight);
  say_equalise(terms, spread, insight);
  say_kind(memory, insight);
  for (std::size_t i = 0; i < insight.rest_drop_mv.size(); ++i)
    insight.rest_drop_mv[i] = memory.usage.settled ? Output<double>::known(1000 * memory.usage.rest_drop_v[i], 1)
                                                   : Output<double>::unknown(Reason::gate_not_met);
  if (!spread) {
    const Reason why = memory.top.seen ? insight.offset_top_spread_pct.reason : Reason::top_never_seen;
    insight.top_balance = insight.let_bms_balance = insight.capacity_test_valid = Yes::unknown(why);
    insight.top_balance_quality = Output<TopBalanceQuality>::unknown(why);
    return;
  }
  const auto& [pct, trust] = *spread;
  insight.top_balance = Yes::known(by_hand(pct, insight), trust);
  const bool in_time = insight.balance_days.value && *insight.balance_days.value <= slow_days;
  insight.let_bms_balance = insight.balance_days.value || insight.balance_never.value
                                ? Yes::known(pct >= balanced_pct && in_time, std::min(trust, 0.8))
                                : Yes::unknown(insight.balance_days.reason);
  insight.capacity_test_valid = Yes::known(pct <= balanced_pct, trust);
  insight.top_balance_quality = Output<TopBalanceQuality>::known(quality(memory, pct), trust);
}

}  // namespace cellwarden
