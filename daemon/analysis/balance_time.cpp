#include "daemon/analysis/balance_time.h"

namespace cellwarden {

namespace {

constexpr double balanced_share = 0.01;  ///< of the capacity: cells nearer are balanced
constexpr double usual_efficiency = 0.67, usual_passive_a = 0.1,
                 usual_slowness = 0.7;  ///< a JK, measured; what passive boards drain
constexpr double active_from_a = 0.4;   ///< no passive board drains so much
constexpr double least_tau_h = 2.0 / 60, least_efficiency = 0.2, most_efficiency = 1.5;
constexpr double seen_lately_s = 7 * 86400, seen_at_least_s = 60;
constexpr int least_days = 2;

struct Balancer {
  bool active = false, sure = false;
  double current_a = absent;
};

Balancer balancer_of(const Terms& terms, const Memory& memory) {
  const auto& said = terms.settings.balancer;
  Balancer b;
  b.current_a = said.current_a                      ? *said.current_a
                : known(memory.balancing.current_a) ? memory.balancing.current_a
                                                    : terms.limits.balance_current_max_a.value_or(absent);
  b.sure = known(b.current_a);
  if (!b.sure) b.current_a = usual_passive_a;
  b.active = said.kind ? *said.kind == "active" : b.current_a >= active_from_a;
  return b;
}

/// Ah that the balancer has still to move, and how many hours a day it does.
struct Work {
  double ah = 0, tau_h = 0;
  bool bounded = false;
};
Work work_of(const Terms& terms, const Memory& memory, bool active) {
  const auto n = static_cast<std::size_t>(memory.cells);
  Cells behind{};
  double most = 0;
  Work work;
  for (std::size_t i = 0; i < n; ++i) {
    behind[i] = memory.top.cells[i].for_model();
    most = std::max(most, behind[i]);
    work.bounded = work.bounded || !known(memory.top.cells[i].ah);
  }
  const double enough = balanced_share * terms.capacity_ah;
  const auto& tau = memory.balancing.tau_h;
  if (active) {  // one pair of cells at a time: what is above the middle goes to what is below
    const double least = *std::min_element(behind.begin(), behind.begin() + static_cast<std::ptrdiff_t>(n));
    work.ah = std::max(0.0, most - least - enough);
    work.tau_h = memory.balancing.tau_any_h;
    return work;
  }
  // Every cell is drained until it is where the lowest is; the one that takes longest counts.
  double longest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double over = most - behind[i] - enough;
    if (over <= 0) continue;
    const double days = over / std::max(tau[i], 1e-6);
    if (days > longest) longest = days, work.ah = over, work.tau_h = tau[i];
  }
  return work;
}

void say_habits(const Terms& terms, const Memory& memory, Insight& insight) {
  const Balancing& b = memory.balancing;
  const auto lately = [&](double when) { return known(when) && memory.clock_s - when < seen_lately_s; };
  const bool runs = lately(b.seen_s);
  const double start = terms.balance_start_v();
  const bool said = terms.settings.balancer.start_v || terms.limits.balance_start_v;
  const bool low = said && start < terms.chemistry->balance_start_v - 0.001;
  const bool seen_low = b.plateau_s > seen_at_least_s && lately(b.plateau_seen_s);
  using Yes = Output<bool>;
  insight.balancer_on_plateau = said || runs ? Yes::known(low || seen_low, 1) : Yes::unknown(Reason::too_few_points);
  insight.balancer_at_high_current =
      runs ? Yes::known(b.high_current_s > seen_at_least_s && lately(b.high_current_seen_s), 1)
           : Yes::unknown(Reason::too_few_points);
  insight.balancer_conflict = insight.balance_state.value
                                  ? Yes::known(runs && insight.balance_state.value == BalanceState::bottom, 1)
                                  : Yes::unknown(insight.balance_state.reason);
  for (std::size_t i = 0; i < insight.tau_h_day.size(); ++i)
    insight.tau_h_day[i] =
        b.days >= least_days ? Output<double>::known(b.tau_h[i], 1) : Output<double>::unknown(Reason::too_few_points);
}

void say_days(Insight& insight, Output<double> days, double least, double most) {
  insight.balance_days = days;
  insight.balance_days_least = insight.balance_days_most = days;
  if (!days.value) return;
  insight.balance_days_least.value = *days.value * least;
  insight.balance_days_most.value = *days.value * most;
}

}  // namespace

void say_balance_time(const Terms& terms, const Memory& memory, Insight& insight) {
  say_habits(terms, memory, insight);
  const auto unknown = [&](Reason why) {
    say_days(insight, Output<double>::unknown(why), 1, 1);
    insight.balance_never = Output<bool>::unknown(why);
  };
  if (!memory.top.seen) return unknown(Reason::top_never_seen);
  const Balancer balancer = balancer_of(terms, memory);
  const Work work = work_of(terms, memory, balancer.active);
  const double least = balancer.active ? 0.6 : 0.5, most = balancer.active ? 1.7 : 2.5;
  if (work.ah <= 0) {
    say_days(insight, Output<double>::known(0, 1), 1, 1);
    insight.balance_never = Output<bool>::known(false, 1);
    return;
  }
  if (memory.balancing.days < least_days) return unknown(Reason::too_few_points);

  const auto never = [&](Reason why) {
    say_days(insight, Output<double>::unknown(why), 1, 1);
    insight.balance_never = Output<bool>::known(true, 0.6, why);
  };
  if (work.tau_h < least_tau_h) return never(Reason::never_above_start);
  const double usual = balancer.active ? usual_efficiency : usual_slowness;
  const double ideal = balancer.current_a * work.tau_h, fall = memory.balancing.fall_ah_day();
  if (known(fall) && fall <= 0) return never(Reason::drift_exceeds_balancer);
  const double efficiency = known(fall) ? std::clamp(fall / ideal, least_efficiency, most_efficiency) : usual;
  double trust = balancer.sure ? (known(fall) ? 0.8 : 0.6) : 0.3;
  if (work.bounded) trust = std::min(trust, 0.4);
  say_days(insight,
           Output<double>::known(work.ah / (ideal * efficiency), trust,
                                 balancer.sure ? Reason::none : Reason::balance_current_unknown),
           least, most);
  insight.balance_never = Output<bool>::known(false, trust);
}

}  // namespace cellwarden
