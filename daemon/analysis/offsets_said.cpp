#include "daemon/analysis/findings.h"

namespace cellwarden {

namespace {

constexpr double one_cycle_trust = 0.7;

double src_trust(int src) {
  if (src == 2) return 1;
  if (src == 1) return 0.8;
  return src == -1 ? 0.2 : 0.6;
}

/// The first cell's number, unless another is as near.
Output<int> first_cell(const Offsets& offsets, std::size_t n, double capacity_ah, double confidence) {
  for (std::size_t i = 0; i < n; ++i) {
    const double ah = offsets.cells[i].ah;
    if (i != offsets.first && known(ah) && ah < tie_pp / 100 * capacity_ah) return Output<int>::unknown(Reason::tie);
  }
  return Output<int>::known(static_cast<int>(offsets.first) + 1, confidence);
}

}  // namespace

double aged(double trust, double age_s) { return trust * std::exp(-std::max(0.0, age_s) / (30 * 86400.0)); }

void say_offsets(const Terms& terms, const Memory& memory, Insight& insight) {
  const auto n = static_cast<std::size_t>(memory.cells);
  const double pp = 100 / terms.capacity_ah, now = memory.clock_s;
  const double cycles = memory.top.cycles == 1 ? one_cycle_trust : 1;
  double least_trust = 1;
  for (std::size_t i = 0; i < n; ++i) {
    const Offset& o = memory.top.cells[i];
    const bool seen = memory.top.seen, number = seen && known(o.ah), bound = seen && !number && known(o.at_least);
    const double trust = aged(o.trust * src_trust(o.src) * cycles, now - o.time_s);
    const Reason why = bound ? Reason::lower_bound : Reason::top_never_seen;
    const auto unknown = Output<double>::unknown(why);
    insight.offset_top_ah[i] = number ? Output<double>::known(o.ah, trust) : unknown;
    insight.offset_top_pct[i] = number ? Output<double>::known(o.ah * pp, trust) : unknown;
    insight.inaccessible_top_ah[i] = insight.offset_top_ah[i];
    insight.offset_top_src[i] = seen ? Output<int>::known(o.src, trust) : Output<int>::unknown(why);
    insight.offset_top_at_least_ah[i] = bound ? Output<double>::known(o.at_least, trust, Reason::lower_bound)
                                              : Output<double>::unknown(seen ? Reason::none : Reason::top_never_seen);
    if (number) least_trust = std::min(least_trust, trust);

    const Offset& b = memory.bottom.cells[i];
    const double low_trust = aged(b.trust * (b.src == 1 ? 1 : 0.4), now - b.time_s);
    const bool looked = memory.bottom.seen, low = looked && known(b.ah);
    insight.offset_bottom_ah[i] =
        low ? Output<double>::known(b.ah, low_trust) : Output<double>::unknown(Reason::bottom_never_seen);
    insight.offset_bottom_src[i] =
        looked ? Output<int>::known(b.src, low_trust) : Output<int>::unknown(Reason::bottom_never_seen);
    insight.inaccessible_bottom_ah[i] = insight.offset_bottom_ah[i];
  }
  const Offsets &top = memory.top, &bottom = memory.bottom;
  if (!top.seen) {
    insight.offset_top_spread_pct = Output<double>::unknown(Reason::top_never_seen);
    insight.first_full_cell = Output<int>::unknown(Reason::top_never_seen);
  } else {
    insight.offset_top_spread_pct = top.bounded ? Output<double>::unknown(Reason::lower_bound)
                                                : Output<double>::known(top.spread_ah * pp, least_trust);
    insight.first_full_cell = first_cell(top, n, terms.capacity_ah, aged(cycles, now - top.time_s));
  }
  insight.first_empty_cell = bottom.seen ? first_cell(bottom, n, terms.capacity_ah, aged(1, now - bottom.time_s))
                                         : Output<int>::unknown(Reason::bottom_never_seen);
  const auto &full = insight.first_full_cell, &empty = insight.first_empty_cell;
  if (!full.value || !empty.value) {
    insight.weakest_cell = Output<int>::unknown(full.value ? empty.reason : full.reason);
  } else if (*full.value == *empty.value) {
    insight.weakest_cell = Output<int>::known(*full.value, std::min(full.confidence, empty.confidence));
  } else {
    insight.weakest_cell = Output<int>::unknown(Reason::none);
  }
}

}  // namespace cellwarden
