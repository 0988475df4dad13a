#include "daemon/analysis/offsets.h"

namespace cellwarden {

namespace {

constexpr double clear_of_level_v = 0.006, keep_s = 14 * 86400.0, knee_starts_v = 3.356;

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
  if (crossings.volts(first->level) < chemistry.knee_v &&
      facts.peak_u[f] < crossings.volts(first->level) + clear_of_level_v)
    return false;

  double bound_from = absent;
  for (std::size_t l = 0; l < crossings.levels() && !known(bound_from); ++l) bound_from = crossings.at(l, f);
  std::optional<Shifts> shifts;
  for (std::size_t i = 0; i < facts.cells; ++i) {
    Offset found{.trust = facts.trust, .time_s = facts.time_s};
    if (const auto level = crossings.highest_common(i, f)) {
      found.ah = crossings.at(*level, i) - crossings.at(*level, f);
      found.src = crossings.volts(*level) >= chemistry.knee_v ? 2 : 1;
      if (found.src == 1 && facts.peak_u[i] < crossings.volts(*level) + clear_of_level_v) found.ah = absent;
    }
    if (!known(found.ah)) {
      found.at_least = facts.q_end - bound_from;
      if (!shifts && facts.whole && chemistry.chemistry == Chemistry::lfp) shifts = align(curves, knee_starts_v);
      const Offset& before = offsets.cells[i];
      if (shifts && shifts->any && known(shifts->bins[i]) && known(shifts->bins[f])) {
        const double ah = (shifts->bins[i] - shifts->bins[f]) * ChargeCurves::bin_share * facts.capacity_ah;
        found.ah = std::max(ah, found.at_least);
        found.src = 3;
      } else if (known(before.ah) && before.src >= 1 && facts.time_s - before.time_s < keep_s &&
                 found.at_least <= before.ah + 0.01 * facts.capacity_ah) {
        found = before;
        found.src = 4;
      } else {
        found.src = -1;
      }
      if (found.src > 0) found.at_least = absent;
    }
    offsets.cells[i] = found;
  }
  offsets.seen = true;
  offsets.first = f;
  offsets.time_s = facts.time_s;
  ++offsets.cycles;
  finish(offsets, facts.cells);
  return true;
}

bool resolve_bottom(const Crossings& crossings, const SegmentFacts& facts, const ChemistryTraits& chemistry,
                    Offsets& offsets) {
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
      const double rough = chemistry.curve.soc(facts.u_then[i] + chemistry.hysteresis_v);
      found.ah = std::max(0.0, rough - rough_f) * facts.capacity_ah;
      found.src = 0;
    }
    offsets.cells[i] = found;
  }
  offsets.seen = true;
  offsets.first = f;
  offsets.time_s = facts.time_s;
  ++offsets.cycles;
  finish(offsets, facts.cells);
  return true;
}

}  // namespace cellwarden
