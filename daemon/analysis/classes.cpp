#include "daemon/analysis/findings.h"

namespace cellwarden {

namespace {

constexpr double resistance_share = 0.35, resistance_errors = 4, resistance_v = 0.004, resistance_c = 0.2;
constexpr double resistance_weight_pp = 6;  ///< an excess of 100 % weighs as 6 pp

double largest(const PerCell<double>& cells, double capacity_ah) {
  double most = 0;
  for (const auto& cell : cells) most = std::max(most, cell.value.value_or(0) / capacity_ah * 100);
  return most;
}

/// Excess of the worst cell whose resistance is beyond doubt, as a share of the median; 0: none.
double excess(const Terms& terms, const Memory& memory) {
  if (!memory.resistance.is_known()) return 0;
  const auto n = static_cast<std::size_t>(memory.cells);
  Cells ohm{};
  memory.resistance.estimate(ohm, n, terms.capacity_ah);
  const double middle = median(ohm, n);
  double worst = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double more = ohm[i] - middle;
    if (more <= std::max(resistance_share * middle, resistance_errors * memory.resistance.standard_error(i, ohm[i])) ||
        more * resistance_c * terms.capacity_ah <= resistance_v)
      continue;
    worst = std::max(worst, more / middle);
  }
  return worst;
}

}  // namespace

void say_resistance(const Terms& terms, const Memory& memory, Insight& insight) {
  const auto n = static_cast<std::size_t>(memory.cells);
  if (!memory.resistance.is_known()) {
    for (auto* list : {&insight.r_mohm, &insight.r_excess_pct}) {
      for (auto& cell : *list) cell = Output<double>::unknown(Reason::no_current_steps);
    }
    return;
  }
  Cells ohm{};
  memory.resistance.estimate(ohm, n, terms.capacity_ah);
  const double middle = median(ohm, n), trust = std::min(1.0, memory.resistance.steps() / 20);
  for (std::size_t i = 0; i < n; ++i) {
    insight.r_mohm[i] = Output<double>::known(ohm[i] * 1000, trust);
    insight.r_excess_pct[i] = Output<double>::known((ohm[i] / middle - 1) * 100, trust);
  }
}

void say_balance(const Terms& terms, Memory& memory, Insight& insight) {
  const auto say = [&](BalanceState state) {
    memory.balance_state = static_cast<int>(state);
    double trust = 1;
    for (const auto& cell : insight.offset_top_ah) trust = std::min(trust, cell.value ? cell.confidence : 0.5);
    insight.balance_state = Output<BalanceState>::known(state, trust);
  };
  if (!memory.top.seen) {
    insight.balance_state = Output<BalanceState>::unknown(Reason::top_never_seen);
    return;
  }
  const auto before = static_cast<BalanceState>(memory.balance_state);
  const bool known_before = memory.balance_state >= 0;
  const bool was_top = known_before && (before == BalanceState::top || before == BalanceState::both ||
                                        before == BalanceState::top_unknown_bottom);
  const bool was_bottom = known_before && (before == BalanceState::bottom || before == BalanceState::both);
  const auto& limit = terms.settings.thresholds;
  const bool top = !memory.top.bounded && largest(insight.offset_top_ah, terms.capacity_ah) <=
                                              (was_top ? limit.unbalanced_pp : limit.balanced_pp);
  if (!memory.bottom.seen) {
    if (top) return say(BalanceState::top_unknown_bottom);
    memory.balance_state = -1;
    insight.balance_state = Output<BalanceState>::unknown(Reason::bottom_never_seen);
    return;
  }
  const bool bottom = !memory.bottom.bounded && largest(insight.offset_bottom_ah, terms.capacity_ah) <=
                                                    (was_bottom ? limit.unbalanced_pp : limit.balanced_pp);
  say(top && bottom ? BalanceState::both
      : top         ? BalanceState::top
      : bottom      ? BalanceState::bottom
                    : BalanceState::neither);
}

void say_class(const Terms& terms, const Memory& memory, Insight& insight) {
  if (!memory.top.seen) {
    insight.pack_class = Output<PackClass>::unknown(Reason::top_never_seen);
    insight.class_flags = Output<std::vector<PackClass>>::unknown(Reason::top_never_seen);
    return;
  }
  const auto& limit = terms.settings.thresholds;
  const double pp = 100 / terms.capacity_ah;
  std::vector<PackClass> flags;
  double heaviest = 0;
  const double trust = aged(losses(memory) ? 1 : 0.7, memory.clock_s - memory.top.time_s);
  PackClass primary = PackClass::balanced;
  Reason why = Reason::none;
  const auto flag = [&](PackClass which, double weight) {
    flags.push_back(which);
    if (weight > heaviest) heaviest = weight, primary = which;
  };
  const auto lost = losses(memory);
  const double sure_pp = lost ? lost->imbalance_ah * pp : 0;
  if (lost && (!lost->bounded || sure_pp > limit.offset_pp)) {
    if (lost->bounded) why = Reason::lower_bound;
    if (sure_pp > limit.offset_pp) flag(PackClass::offset, sure_pp);
    if (!lost->bounded && lost->mismatch_ah * pp > limit.mismatch_pp) flag(PackClass::mismatch, lost->mismatch_ah * pp);
  } else {
    why = lost ? Reason::lower_bound : Reason::bottom_never_seen;
    const double spread = largest(insight.offset_top_ah, terms.capacity_ah);
    if (memory.top.bounded || spread > limit.offset_pp) flag(PackClass::offset_or_mismatch, std::max(spread, 4.0));
  }
  if (const double more = excess(terms, memory); more > 0) flag(PackClass::resistance, resistance_weight_pp * more);
  insight.pack_class = Output<PackClass>::known(primary, trust, why);
  insight.class_flags = Output<std::vector<PackClass>>::known(std::move(flags), trust, why);
}

}  // namespace cellwarden
