#include "tests/analysis/score_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iomanip>

namespace score {

namespace {

using What = simulator::ScenarioKind::What;
using simulator::Outcome;

std::string format(const char* form, auto... values) {
  char text[160];
  std::snprintf(text, sizeof text, form, values...);
  return text;
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
}

struct Errors {
  std::vector<double> values;
  void add(double error) { values.push_back(std::abs(error)); }
  double at(double share) const { return quantile(values, share); }
  std::string text(const char* unit) const {
    return format("median %.2f, p90 %.2f, p95 %.2f, max %.2f %s (%zu)", at(0.5), at(0.9), at(0.95), at(1), unit,
                  values.size());
  }
};

struct Share {
  int right = 0, all = 0;
  void add(bool ok) { right += ok, ++all; }
  double pct() const { return all ? 100.0 * right / all : 100; }
  std::string text() const { return format("%.1f %% (%d of %d)", pct(), right, all); }
};

bool is_runner(const PackScore& p) { return p.kind.what == What::offset && p.kind.amount >= 20; }
bool is_weak(const PackScore& p) { return p.kind.what == What::weak; }
bool is_balanced(const PackScore& p) { return p.kind.what == What::balanced || p.kind.what == What::resistance; }

void offset_rows(const std::vector<PackScore>& packs, std::vector<Row>& rows) {
  Errors crossed, any, aligned, runner, weak, kept, bottom, rough;
  int bounded = 0, wrong = 0, held_back = 0;
  Share weak_within;
  for (const auto& p : packs) {
    for (const auto& o : p.top) {
      if (o.src == 2) crossed.add(o.error_pp);
      if (o.src == 1 || o.src == 2) any.add(o.error_pp);
      if (o.src == 4) kept.add(o.error_pp);
      if (o.src == 3) (is_runner(p) ? runner : is_weak(p) ? weak : aligned).add(o.error_pp);
      if (o.src == 3 && is_weak(p)) weak_within.add(std::abs(o.error_pp) <= 0.7 * p.kind.amount);
    }
    for (const auto& o : p.bottom) (o.src == 1 ? bottom : rough).add(o.error_pp);
    bounded += p.bounded, wrong += p.bounded_wrong, held_back += p.bottom_unsaid;
  }
  rows.push_back(
      {"T error, crossed in the knee (src 2)", crossed.text("pp"), "p95 <= 0.3 pp", crossed.at(0.95) <= 0.3});
  rows.push_back({"T error, any crossing (src 1, 2)", any.text("pp"), "p95 <= 0.6 pp", any.at(0.95) <= 0.6});
  rows.push_back(
      {"T error by alignment, no runner, no weak cell", aligned.text("pp"), "p95 <= 2 pp", aligned.at(0.95) <= 2});
  rows.push_back({"T error by alignment, +20 pp runner", runner.text("pp"), "p90 <= 3 pp", runner.at(0.9) <= 3});
  rows.push_back({"T error by alignment, weak cell", weak.text("pp"), "<= 0.7 x deviation", weak_within.pct() >= 95});
  rows.push_back({"T kept from before (src 4)", kept.text("pp"), "", true, false});
  rows.push_back(
      {"T said as a bound only", format("%d cells, %d of them wrong", bounded, wrong), "none wrong", wrong == 0});
  rows.push_back({"B error, crossed", bottom.text("pp"), "p95 <= 0.8 pp", bottom.at(0.95) <= 0.8});
  rows.push_back({"B only guessed", format("%zu cells said, %d held back", rough.values.size(), held_back), "none said",
                  rough.values.empty()});
}

void charge_rows(const std::vector<PackScore>& packs, std::vector<Row>& rows) {
  Share all, clear, outside, live, live_first;
  Errors margin;
  Errors lead;
  int missed = 0, trips = 0, false_on_balanced = 0, balanced = 0, missed_unbalanced = 0;
  for (const auto& p : packs) {
    for (const auto& c : p.charges) {
      const bool bms = c.outcome == Outcome::bms;
      if (c.before && c.margin_mv) {
        const bool right = (*c.margin_mv < 0) == bms;
        all.add(right);
        if (std::abs(c.truth_margin_mv) > 20) clear.add(right);
        trips += bms;
        if (*c.before != ChargeVerdict::marginal) {
          outside.add(right);
          missed += bms && !right;
          missed_unbalanced += bms && !right && !is_balanced(p);
        }
        if (is_balanced(p) && !bms) ++balanced, false_on_balanced += *c.before == ChargeVerdict::bms;
        if (!bms) margin.add(*c.margin_mv - c.truth_margin_mv);
      }
      if (c.live) {
        const bool right = (c.live_margin_mv.value_or(0) < 0) == bms;  // a marginal verdict leans by its sign
        live.add(right);
        if (c.cycle == 1) live_first.add(right);
        if (bms) lead.add(c.lead_minutes);
      }
    }
  }
  const double missed_pct = trips ? 100.0 * missed / trips : 0;
  rows.push_back({"charge verdict from history, all", all.text(), ">= 93 %", all.pct() >= 93});
  rows.push_back({"- truth margin > 20 mV", clear.text(), ">= 96 %", clear.pct() >= 96});
  rows.push_back({"- outside marginal", outside.text() + format(", missed trips %d of %d", missed, trips),
                  ">= 96 %, missed <= 2 %", outside.pct() >= 96 && missed_pct <= 2});
  rows.push_back(
      {"\"bms\" said of balanced packs", format("%d of %d", false_on_balanced, balanced), "0", false_on_balanced == 0});
  rows.push_back({"missed trips of unbalanced packs", format("%d", missed_unbalanced), "0", missed_unbalanced == 0});
  rows.push_back({"margin error from history", margin.text("mV"), "p95 <= 50 mV", margin.at(0.95) <= 50});
  rows.push_back({"charge verdict live, all", live.text(), ">= 92 %", live.pct() >= 92});
  rows.push_back({"charge verdict live, first cycle ever", live_first.text(), ">= 90 %", live_first.pct() >= 90});
  rows.push_back({"lead time live before a trip", format("median %.1f, p10 %.1f min", lead.at(0.5), lead.at(0.1)),
                  "p10 >= 1 min", lead.at(0.1) >= 1 || lead.values.empty()});
}

PackClass truth_class(const PackScore& p) {
  if (p.kind.what == What::balanced) return PackClass::balanced;
  if (p.kind.what == What::weak) return PackClass::mismatch;
  return p.kind.what == What::resistance ? PackClass::resistance : PackClass::offset;
}

void other_rows(const std::vector<PackScore>& packs, std::vector<Row>& rows) {
  Errors usable, r;
  Share discharge_live, discharge_before, classes;
  int never_claims_wrong = 0, no_bottom = 0, tripped = 0, followed = 0, tight = 0, unbalanced = 0, discharge_missed = 0;
  for (const auto& p : packs) {
    for (const double e : p.usable_error_pct) usable.add(e);
    for (const double e : p.r_error_pct) r.add(e);
    for (const auto& d : p.discharges) {
      const bool bms = d.outcome == Outcome::bms;
      if (d.live_margin_mv) discharge_live.add((*d.live_margin_mv < 0) == bms);
      if (d.margin_mv) discharge_before.add((*d.margin_mv < 0) == bms);
      discharge_missed += bms && d.before == DischargeVerdict::load;
    }
    if (p.pack_class && p.bottom_seen) classes.add(*p.pack_class == truth_class(p));
    if (p.pack_class && !p.bottom_seen) {
      ++no_bottom;
      never_claims_wrong += *p.pack_class == PackClass::offset || *p.pack_class == PackClass::mismatch;
    }
    for (const auto& f : p.followed) ++followed, tripped += f.tripped, tight += f.headroom_mv < 50;
    unbalanced += p.too_unbalanced;
  }
  rows.push_back({"usable_ah", usable.text("%"), "p90 <= 3 %", usable.at(0.9) <= 3});
  rows.push_back({"R", r.text("%"), "median <= 8 %, p95 <= 30 %", r.at(0.5) <= 8 && r.at(0.95) <= 30});
  rows.push_back({"discharge verdict live", discharge_live.text(), ">= 93 %", discharge_live.pct() >= 93});
  rows.push_back({"discharge verdict from history", discharge_before.text() + format(", missed %d", discharge_missed),
                  ">= 93 %", discharge_before.pct() >= 93});
  rows.push_back({"class, bottom seen", classes.text(), ">= 88 %", classes.pct() >= 88});
  rows.push_back({"class claimed without a bottom", format("%d of %d", never_claims_wrong, no_bottom), "0",
                  never_claims_wrong == 0});
  const double trip_pct = followed ? 100.0 * tripped / followed : 0;
  rows.push_back({"recommended_charge_v followed",
                  format("%d trips in %d charges (%.1f %%), headroom < 50 mV in %d; too unbalanced %d", tripped,
                         followed, trip_pct, tight, unbalanced),
                  "trips <= 3 %", trip_pct <= 3});
}

}  // namespace

std::vector<Row> score_table(const std::vector<PackScore>& packs) {
  std::vector<Row> rows;
  offset_rows(packs, rows);
  charge_rows(packs, rows);
  other_rows(packs, rows);
  return rows;
}

void print(std::ostream& out, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    out << (!row.asked ? "     "
            : row.met  ? "ok   "
                       : "MISS ")
        << std::left << std::setw(46) << row.what << std::setw(72) << row.achieved << row.goal << '\n';
  }
}

void print_failures(std::ostream& out, const std::vector<PackScore>& packs) {
  for (const auto& p : packs) {
    const auto who =
        format("seed %u kind %d=%g cells %zu:", p.seed, static_cast<int>(p.kind.what), p.kind.amount, p.cells);
    for (const auto& c : p.charges) {
      const bool bms = c.outcome == Outcome::bms;
      if (c.margin_mv && ((*c.margin_mv < 0) != bms || (!bms && std::abs(*c.margin_mv - c.truth_margin_mv) > 50)))
        out << who
            << format(" charge %d before: margin %.0f, truth %.0f, %s\n", c.cycle, *c.margin_mv, c.truth_margin_mv,
                      bms ? "tripped" : "did not trip");
      if (c.live_margin_mv && (*c.live_margin_mv < 0) != bms)
        out << who
            << format(" charge %d live: margin %.0f, truth %.0f\n", c.cycle, *c.live_margin_mv, c.truth_margin_mv);
    }
    for (const auto& d : p.discharges) {
      if (d.live_margin_mv && (*d.live_margin_mv < 0) != (d.outcome == Outcome::bms))
        out << who << format(" discharge live: margin %.0f, truth %.0f\n", *d.live_margin_mv, d.truth_margin_mv);
    }
    for (const auto& o : p.top) {
      if (std::abs(o.error_pp) > 2)
        out << who << format(" T src %d error %.2f truth %.2f\n", o.src, o.error_pp, o.truth_pp);
    }
    for (const auto& o : p.bottom) {
      if (std::abs(o.error_pp) > 2)
        out << who << format(" B src %d error %.2f truth %.2f\n", o.src, o.error_pp, o.truth_pp);
    }
    for (const auto& o : p.bottom) {
      if (o.src == 1 && std::abs(o.error_pp) > 0.8)
        out << who << format(" B error %.2f truth %.2f\n", o.error_pp, o.truth_pp);
    }
    if (p.bounded_wrong) out << who << format(" %d bounds wrong\n", p.bounded_wrong);
    for (const auto& f : p.followed) {
      if (f.tripped) out << who << " recommended voltage tripped\n";
    }
    if (p.bottom_seen && p.pack_class && *p.pack_class != truth_class(p))
      out << who << " class " << name(*p.pack_class) << '\n';
  }
}

std::vector<PackScore> run_grid(simulator::Chemistry chemistry, std::uint32_t seed, int per_kind, int cycles,
                                const Faults& faults) {
  const std::vector<simulator::ScenarioKind> kinds = {
      {What::balanced, 1, 0}, {What::offset, 2, 2},       {What::offset, 3, 5},
      {What::offset, 1, 20},  {What::offset, 4, -5},      {What::weak, 2, 5},
      {What::weak, 3, 10},    {What::resistance, 2, 2.5}, {What::scatter, 1, 2}};
  std::vector<PackScore> packs;
  for (int n = 0; n < per_kind; ++n) {
    for (const auto& kind : kinds) {
      auto options = simulator::draw_from_grid(kind, seed++, chemistry);
      options.interval_s = std::max(options.interval_s, faults.least_interval_s);
      packs.push_back(run_pack(options, kind, cycles, faults));
    }
  }
  return packs;
}

}  // namespace score
