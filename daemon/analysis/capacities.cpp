#include "daemon/analysis/findings.h"

namespace cellwarden {

namespace {
constexpr double keep_s = 14 * 86400.0;
}

/// Q_i = usable + T_i + B_i, exactly; so all of them or none.
void say_capacities(const Terms& terms, const Memory& memory, Insight& insight) {
  const auto n = static_cast<std::size_t>(memory.cells);
  const double age = memory.clock_s - memory.usable.time_s;
  Reason why = Reason::none;
  if (!memory.bottom.seen)
    why = Reason::bottom_never_seen;
  else if (!memory.top.seen)
    why = Reason::top_never_seen;
  else if (!known(memory.usable.ah) || age > keep_s)
    why = Reason::gap;
  if (why != Reason::none) {
    for (Output<double>* each :
         {&insight.usable_ah, &insight.effective_pct, &insight.balanced_capacity_ah, &insight.mismatch_pct})
      *each = Output<double>::unknown(why);
    for (auto& each : insight.capacity_ah) each = Output<double>::unknown(why);
  } else {
    const double usable = memory.usable.ah, trust = aged(memory.usable.trust, age);
    insight.usable_ah = Output<double>::known(usable, trust);
    insight.effective_pct = Output<double>::known(usable / terms.capacity_ah * 100, trust);
    double least = 1e9, all = 1;
    Cells q{};
    for (std::size_t i = 0; i < n; ++i) {
      const auto &t = insight.offset_top_ah[i], &b = insight.offset_bottom_ah[i];
      if (!t.value || !b.value) {
        insight.capacity_ah[i] = Output<double>::unknown(t.value ? b.reason : t.reason);
        all = 0;
        continue;
      }
      q[i] = usable + *t.value + *b.value;
      least = std::min(least, q[i]);
      const double each = std::min({trust, t.confidence, b.confidence});
      all = std::min(all, each);
      insight.capacity_ah[i] = Output<double>::known(q[i], each);
    }
    if (all > 0) {
      insight.balanced_capacity_ah = Output<double>::known(least, all);
      const double middle = median(q, n);
      insight.mismatch_pct = Output<double>::known((middle - least) / middle * 100, all);
    } else {
      insight.balanced_capacity_ah = insight.mismatch_pct = Output<double>::unknown(Reason::lower_bound);
    }
  }

  const auto lost = losses(memory);
  if (!lost || lost->bounded || lost->guessed) {
    const Reason unseen = lost              ? Reason::lower_bound
                          : memory.top.seen ? Reason::bottom_never_seen
                                            : Reason::top_never_seen;
    insight.loss_imbalance_ah = insight.loss_mismatch_ah = Output<double>::unknown(unseen);
    return;
  }
  double trust = 1;
  for (const auto* list : {&insight.offset_top_ah, &insight.offset_bottom_ah}) {
    for (const auto& cell : *list) trust = std::min(trust, cell.confidence);
  }
  insight.loss_imbalance_ah = Output<double>::known(lost->imbalance_ah, trust);
  insight.loss_mismatch_ah = Output<double>::known(lost->mismatch_ah, trust);
}

std::optional<Losses> losses(const Memory& memory) {
  if (!memory.top.seen || !memory.bottom.seen) return std::nullopt;
  const auto n = static_cast<std::size_t>(memory.cells);
  Cells sum{};
  double least = 1e9;
  bool bounded = false, guessed = false;
  for (std::size_t i = 0; i < n; ++i) {
    bounded = bounded || !known(memory.top.cells[i].ah);
    guessed = guessed || !known(memory.bottom.cells[i].ah);
    sum[i] = memory.top.cells[i].for_model() + memory.bottom.cells[i].for_model();
    least = std::min(least, sum[i]);
  }
  return Losses{least, median(sum, n) - least, guessed, bounded};
}

}  // namespace cellwarden
