#include "tests/analysis/drift_score.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

namespace score {

namespace {

using What = simulator::ScenarioKind::What;

std::string format(const char* form, auto... values) {
  char text[160];
  std::snprintf(text, sizeof text, form, values...);
  return text;
}

std::string share(int part, int all) {
  return format("%d of %d (%.0f %%)", part, all, all > 0 ? 100.0 * part / all : 100.0);
}
bool at_least(int part, int all, double pct) { return 100.0 * part >= pct * all; }

double middle(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

DriftScore run_drift(const simulator::ScenarioOptions& options, const simulator::ScenarioKind& kind) {
  DriftScore score{.leak_pct_day = kind.what == What::leak ? kind.amount : 0,
                   .from_day = kind.from_day,
                   .seed = options.seed,
                   .cells = options.cells.size()};
  simulator::Scenario scenario(options);
  cellwarden::Analysis analysis(settings_of(options));
  analysis.on_limits(limits_of(options));
  cellwarden::Reading reading;
  const std::size_t odd = kind.what == What::leak ? static_cast<std::size_t>(kind.cell) - 1 : options.cells.size();
  std::vector<bool> drifts(options.cells.size()), suspects(options.cells.size());
  int charges = 0;
  while (scenario.next()) {
    fill(reading, scenario.sample());
    analysis.on_reading(reading);
    if (analysis.moment().charges_closed == charges) continue;
    charges = analysis.moment().charges_closed;
    const auto& said = analysis.insight();
    const double day = scenario.sample().t_s / 86400 - score.from_day;
    for (std::size_t i = 0; i < options.cells.size(); ++i) {
      const bool drift = said.drift_significant[i].value.value_or(false);
      const bool suspect = said.drift_suspect[i].value.value_or(false);
      if (i == odd) {
        if (drift && score.found_day < 0) score.found_day = day;
        if (suspect && score.suspect_day < 0) score.suspect_day = day;
        score.crossed_days += said.offset_top_src[i].value.value_or(0) >= 1 && said.offset_top_src[i].value != 3;
        if (const auto& leak = said.equivalent_leak_ma[i]; leak.value) {
          const double truth = score.leak_pct_day / 100 * options.capacity_ah / 24 * 1000;
          score.leak_said = true, score.leak_error_pct = (*leak.value / truth - 1) * 100;
        }
      } else {
        if (drift) drifts[i] = true;
        if (suspect) suspects[i] = true;
      }
    }
  }
  score.false_drifts = static_cast<int>(std::ranges::count(drifts, true));
  score.false_suspects = static_cast<int>(std::ranges::count(suspects, true));
  return score;
}

std::vector<DriftScore> run_drifts(std::uint32_t seed, int leaking, int threads) {
  constexpr double leaks[] = {0.02, 0.05, 0.1, 0.2}, starts[] = {0, 20};
  std::vector<DriftScore> all(static_cast<std::size_t>(leaking + leaking / 3));
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t n; (n = next++) < all.size();) {
      simulator::ScenarioKind kind;
      if (n < static_cast<std::size_t>(leaking))
        kind = {.what = What::leak,
                .cell = static_cast<int>(n * 7 % 16) + 1,
                .amount = leaks[n % 4],
                .from_day = starts[n / 4 % 2]};
      all[n] = run_drift(simulator::draw_daily(kind, seed + static_cast<std::uint32_t>(n)), kind);
    }
  };
  std::vector<std::jthread> crew;
  for (int t = 1; t < threads; ++t) crew.emplace_back(work);
  work();
  crew.clear();
  return all;
}

std::vector<Row> drift_table(const std::vector<DriftScore>& packs) {
  int leaking = 0, found = 0, strong = 0, strong_seen = 0, weak = 0, weak_seen = 0, healthy = 0, drifts = 0,
      suspects = 0;
  std::vector<double> delays, leak_errors;
  for (const auto& p : packs) {
    const bool leaks = p.leak_pct_day > 0;
    healthy += static_cast<int>(p.cells) - leaks;
    drifts += p.false_drifts, suspects += p.false_suspects;
    if (!leaks) continue;
    const bool confirmed = p.found_day >= 0, seen = confirmed || p.suspect_day >= 0;
    ++leaking, found += confirmed;
    (p.leak_pct_day >= 0.05 ? strong : weak) += 1;
    (p.leak_pct_day >= 0.05 ? strong_seen : weak_seen) += seen;
    if (confirmed) delays.push_back(p.found_day);
    if (p.leak_said) leak_errors.push_back(std::abs(p.leak_error_pct));
  }
  return {
      {"leaking packs found (confirmed)", share(found, leaking), ">= 55 %", at_least(found, leaking, 55)},
      {"found or suspected, leak >= 0.05 %/day", share(strong_seen, strong), ">= 85 %",
       at_least(strong_seen, strong, 85)},
      {"found or suspected, leak 0.02 %/day", share(weak_seen, weak), ">= 50 %", at_least(weak_seen, weak, 50)},
      {"days until found", format("median %.0f (%zu)", middle(delays), delays.size()), "<= 25", middle(delays) <= 25},
      {"healthy cells said to drift", share(drifts, healthy), "<= 1 %", at_least(healthy - drifts, healthy, 99)},
      {"healthy cells suspected", share(suspects, healthy), "<= 3 %", at_least(healthy - suspects, healthy, 97)},
      {"equivalent leak, error", format("median %.0f %% (%zu)", middle(leak_errors), leak_errors.size()), "", true,
       false},
  };
}

}  // namespace score
