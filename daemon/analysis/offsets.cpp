#include "daemon/analysis/offsets.h"

#include "daemon/analysis/curve_fit.h"

namespace cellwarden {

namespace {

constexpr double clear_of_level_v = 0.006, keep_s = 14 * 86400.0, knee_starts_v = 3.356;
constexpr double sense_v = 0.005, clearly_below_v = 0.008, bound_margin = 0.003, usual_bound = 0.04, least_apart = 0.08,
                 early_bound = 0.01, surest_guess = 0.002;

/// Offsets are against the first cell; noise may have put another a hair before it.
void finish(Offsets& offsets, std::size_t cells) {
  double least = 0;
  for (std::size_t i = 0; i < cells; ++i) {
    const Offset& o = offsets.cells[i];
    if (o.src != 4 && known(o.ah)) least = std::min(least, o.ah);
  }
  offsets.spread_ah = 0, offsets.bounded = false;
  for (std::size_t i = 0; i < cells; ++i) {
    Offset& o = offsets.cells[i];
    if (o.src != 4 && known(o.ah)) o.ah -= least;
    if (known(o.ah)) offsets.spread_ah = std::max(offsets.spread_ah, o.ah);
    if (!known(o.ah)) offsets.bounded = true;
  }
}

/// Between which states of charge a cell may be by its voltage, sense error and all.
struct SocRange {
  double low, high;
};
SocRange soc_range(double u, const ChemistryTraits& c) {
  return {c.curve.soc(u - sense_v - c.hysteresis_v), c.curve.soc(u + sense_v - c.hysteresis_v)};
}

/// A crossing far from full (or empty) tells the offset there. A smaller cell needs less from there on: how much
/// smaller, two levels tell. In LFP's knee nothing is left to correct.
double rest_of_the_way(const Crossings& crossings, const ChemistryTraits& chemistry, std::size_t level, std::size_t i,
                       std::size_t f, bool top) {
  const auto from = crossings.lowest_common(i, f);
  if (chemistry.landmarks || !from) return 0;
  const double here = chemistry.curve.soc(crossings.volts(level));
  const double apart = std::abs(here - chemistry.curve.soc(crossings.volts(*from)));
  if (apart < least_apart) return 0;
  const double own = std::abs(crossings.at(level, i) - crossings.at(*from, i));
  const double first = std::abs(crossings.at(level, f) - crossings.at(*from, f));
  return (top ? 1 - here : here) * (own - first) / apart;
}

Offset crossed(const Crossings& crossings, const SegmentFacts& facts, const ChemistryTraits& chemistry, std::size_t i,
               std::size_t f) {
  Offset found{.trust = facts.trust, .time_s = facts.time_s};
  const auto level = crossings.highest_common(i, f);
  if (!level) return found;
  found.src = crossings.volts(*level) >= chemistry.knee_v ? 2 : 1;
  if (found.src == 1 && facts.peak_u[i] < crossings.volts(*level) + clear_of_level_v) return found;
  found.ah =
      crossings.at(*level, i) - crossings.at(*level, f) + rest_of_the_way(crossings, chemistry, *level, i, f, true);
  return found;
}

/// What has gone in since the first cell crossed the lowest level that this cell clearly has not reached.
double surely_missing(const Crossings& crossings, const SegmentFacts& facts, std::size_t i, std::size_t f) {
  for (std::size_t l = 0; l < crossings.levels(); ++l) {
    if (!known(crossings.at(l, f)) || facts.peak_u[i] > crossings.volts(l) - clearly_below_v) continue;
    return std::max(0.0, facts.q_end - crossings.at(l, f) - bound_margin * facts.capacity_ah);
  }
  return 0;
}

/// By its curve, where that has one place and the cell's last voltage does not contradict it; else a bound.
Offset not_crossed(const Crossings& crossings, const SegmentFacts& facts, const ChemistryTraits& chemistry,
                   std::size_t i, std::size_t f, const Shifts& shifts) {
  Offset found{.trust = facts.trust, .time_s = facts.time_s, .src = -1};
  const SocRange lead = soc_range(facts.u_then[f], chemistry), own = soc_range(facts.u_then[i], chemistry);
  const double least = surely_missing(crossings, facts, i, f);
  if (shifts.any && known(shifts.bins[i]) && known(shifts.bins[f])) {
    const double share = (shifts.bins[i] - shifts.bins[f]) * ChargeCurves::bin_share;
    if (share > 0.5 * (lead.low - own.high) - 0.005 && share < 1.5 * (lead.high - own.low) + 0.015) {
      if (share * facts.capacity_ah >= least) {
        found.ah = share * facts.capacity_ah, found.src = 3;
        return found;
      }
    }
  }
  found.at_least = least;
  // In the knee the voltage tells more, but a wide knee and slow polarisation hide charge: ask for more than it says.
  const double by_voltage = 0.005 + 0.8 * (lead.low + lead.high - own.low - own.high);
  const double share = facts.u_then[i] > chemistry.invert_v ? std::clamp(by_voltage, 0.0, usual_bound) : usual_bound;
  found.guess = std::max(least, share * facts.capacity_ah);
  return found;
}

/// Where the whole curve speaks, it speaks better than one level.
void refine(const ChargeCurves& curves, const Crossings& crossings, const SegmentFacts& facts,
            const ChemistryTraits& chemistry, const Leader& first, Offsets& offsets) {
  if (chemistry.landmarks) return;
  const bool top = crossings.direction() > 0;
  FitStart start{.capacity_ah = facts.capacity_ah};
  for (std::size_t i = 0; i < facts.cells; ++i) {
    const Offset& o = offsets.cells[i];
    const bool measured = known(o.ah) && o.time_s == facts.time_s;
    start.behind_ah[i] = measured ? o.ah : !top && known(o.guess) ? o.guess : absent;
    start.rest_u[i] = facts.rest_count > 0 ? facts.rest_sum[i] / facts.rest_count : absent;
  }
  const double soc = chemistry.curve.soc(crossings.volts(first.level));
  const double since_ah = crossings.direction() * (facts.q_end - crossings.at(first.level, first.cell));
  start.to_end_ah = (top ? 1 - soc : soc) * facts.capacity_ah - since_ah;
  const auto fitted = fit_curves(curves, start);
  if (!fitted) return;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < facts.cells; ++i) {
    if (known(offsets.cells[i].ah) && fitted->behind_ah[i] < least) least = fitted->behind_ah[i], offsets.first = i;
  }
  for (std::size_t i = 0; i < facts.cells; ++i) {
    Offset& o = offsets.cells[i];
    if (!known(fitted->behind_ah[i])) continue;
    const double ah = fitted->behind_ah[i] - least;
    const bool sure = known(o.ah) || fitted->deviation_ah[i] < surest_guess * facts.capacity_ah;
    (sure ? o.ah : o.guess) = ah;
    if (sure && !top) o.src = 1;
  }
}

}  // namespace

std::optional<Leader> leader(const Crossings& crossings, std::size_t cells) {
  for (std::size_t l = crossings.levels(); l-- > 0;) {
    std::optional<Leader> first;
    for (std::size_t i = 0; i < cells; ++i) {
      const double q = crossings.at(l, i);
      // Discharging, the counter falls.
      if (known(q) && (!first || crossings.direction() * (q - crossings.at(l, first->cell)) < 0)) first = Leader{i, l};
    }
    if (first) return first;
  }
  return std::nullopt;
}

void drop_false_crossings(Crossings& crossings, const SegmentFacts& facts, const ChemistryTraits& chemistry) {
  for (std::size_t l = 0; l < crossings.levels(); ++l) {
    const double most_ah = chemistry.most_after(crossings.volts(l)) * facts.capacity_ah;
    for (std::size_t i = 0; i < facts.cells; ++i) {
      if (facts.q_end - crossings.at(l, i) > most_ah) crossings.erase(l, i);
    }
  }
}

bool resolve_top(Crossings& crossings, const ChargeCurves& curves, const SegmentFacts& facts,
                 const ChemistryTraits& chemistry, Offsets& offsets) {
  drop_false_crossings(crossings, facts, chemistry);
  const auto first = leader(crossings, facts.cells);
  if (!first) return false;
  const std::size_t f = first->cell;
  const double highest_v = crossings.volts(first->level);
  if (highest_v < chemistry.knee_v && facts.peak_u[f] < highest_v + clear_of_level_v) return false;

  Offsets next = offsets;
  std::optional<Shifts> shifts;
  for (std::size_t i = 0; i < facts.cells; ++i) {
    Offset found = crossed(crossings, facts, chemistry, i, f);
    if (!known(found.ah)) {
      if (!shifts) shifts = facts.whole && chemistry.landmarks ? align(curves, knee_starts_v) : Shifts{};
      const Offset before = offsets.cells[i];
      found = not_crossed(crossings, facts, chemistry, i, f, *shifts);
      const bool fresh = known(before.ah) && before.src >= 1 && facts.time_s - before.time_s < keep_s;
      if (!known(found.ah) && fresh && found.at_least <= before.ah + 0.01 * facts.capacity_ah) {
        found = before;
        found.src = 4;
      }
    }
    // A charge that stopped early says nothing of the cells it did not get to.
    if (found.src == -1 && !facts.finished && found.at_least < early_bound * facts.capacity_ah) return false;
    next.cells[i] = found;
  }
  next.seen = true;
  next.first = f;
  refine(curves, crossings, facts, chemistry, *first, next);
  next.time_s = facts.time_s;
  ++next.cycles;
  finish(next, facts.cells);
  offsets = next;
  return true;
}

bool resolve_bottom(const Crossings& crossings, const ChargeCurves& curves, const SegmentFacts& facts,
                    const ChemistryTraits& chemistry, Offsets& offsets) {
  const auto first = leader(crossings, facts.cells);
  if (!first) return false;
  const std::size_t f = first->cell;
  if (facts.peak_u[f] >= chemistry.bottom_v) return false;
  const double rough_f = chemistry.curve.soc(facts.u_then[f] + chemistry.hysteresis_v);
  for (std::size_t i = 0; i < facts.cells; ++i) {
    Offset found{.trust = facts.trust, .time_s = facts.time_s};
    if (const auto level = crossings.highest_common(i, f)) {
      found.ah = crossings.at(*level, f) - crossings.at(*level, i);
      found.src = 1;
    } else {
      // By the plateau's voltage: good enough to play the end of a discharge, far too rough to be told.
      const double rough = chemistry.curve.soc(facts.u_then[i] + chemistry.hysteresis_v);
      found.guess = std::max(0.0, rough - rough_f) * facts.capacity_ah;
      found.src = 0;
    }
    offsets.cells[i] = found;
  }
  offsets.seen = true;
  offsets.first = f;
  refine(curves, crossings, facts, chemistry, *first, offsets);
  offsets.time_s = facts.time_s;
  ++offsets.cycles;
  finish(offsets, facts.cells);
  return true;
}

}  // namespace cellwarden
