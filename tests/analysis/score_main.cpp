// Scores the analysis over freshly seeded packs and prints cell-analytics 21's table.
//   score [--packs N] [--seed S] [--cycles C] [--chemistry lfp|nmc|lto] [--gaps] [--all] [--failures]
//   score --drift [--packs N] [--seed S] [--failures]     two months of N leaking packs and N/3 healthy ones
//   score --balance [--packs N] [--seed S] [--failures]   N packs until their balancer is done
#include <algorithm>
#include <chrono>
#include <cstring>
#include <iostream>
#include <string>

#include "tests/analysis/balance_score.h"
#include "tests/analysis/drift_score.h"
#include "tests/analysis/score_table.h"

namespace {

constexpr int kinds = 9;

bool score_one(simulator::Chemistry chemistry, std::uint32_t seed, int packs, int cycles, const score::Faults& faults,
               bool failures) {
  const auto begin = std::chrono::steady_clock::now();
  const auto scores = score::run_grid(chemistry, seed, (packs + kinds - 1) / kinds, cycles, faults);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  double readings = 0;
  for (const auto& pack : scores) readings += pack.readings;
  std::cout << "\n"
            << simulator::chemistry_names[static_cast<std::size_t>(chemistry)] << ": " << scores.size()
            << " packs from seed " << seed << ", " << static_cast<long>(readings) << " readings, " << took.count()
            << " s\n";
  const auto rows = score::score_table(scores);
  score::print(std::cout, rows);
  if (failures) score::print_failures(std::cout, scores);
  return std::ranges::all_of(rows, [](const score::Row& row) { return row.met; });
}

bool score_drift(std::uint32_t seed, int packs, bool failures) {
  const auto scores = score::run_drifts(seed, packs, 2);
  std::cout << "drift: " << packs << " leaking packs from seed " << seed << "\n";
  const auto rows = score::drift_table(scores);
  score::print(std::cout, rows);
  for (const auto& p : scores) {
    if (!failures || (p.found_day >= 0 && p.false_drifts == 0 && p.false_suspects == 0)) continue;
    std::cout << "  seed " << p.seed << ": leak " << p.leak_pct_day << " %/day from day " << p.from_day << ", found "
              << p.found_day << ", suspected " << p.suspect_day << ", false " << p.false_drifts << " + "
              << p.false_suspects << ", crossed on " << p.crossed_days << " days\n";
  }
  return std::ranges::all_of(rows, [](const score::Row& row) { return row.met; });
}

bool score_balance(std::uint32_t seed, int packs, bool failures) {
  const auto scores = score::run_balances(seed, packs);
  std::cout << "balance: " << packs << " packs from seed " << seed << "\n";
  const auto rows = score::balance_table(scores);
  score::print(std::cout, rows);
  for (const auto& p : scores) {
    if (!failures) continue;
    std::cout << "  seed " << p.seed << (p.active ? ": active" : ": passive") << ", said " << p.said_days.value_or(-1)
              << (p.said_never ? " never" : "") << " on day " << p.asked_day << ", balanced on day " << p.balanced_day
              << "\n";
  }
  return std::ranges::all_of(rows, [](const score::Row& row) { return row.met; });
}

}  // namespace

int main(int argc, char** argv) {
  int packs = 324, cycles = 3;
  std::uint32_t seed =
      static_cast<std::uint32_t>(std::chrono::system_clock::now().time_since_epoch().count() / 1'000'000'000);
  score::Faults faults;
  simulator::Chemistry chemistry = simulator::Chemistry::lfp;
  bool all = false, failures = false, drift = false, balance = false;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    const auto value = [&] { return i + 1 < argc ? argv[++i] : ""; };
    if (arg == "--packs") packs = std::stoi(value());
    if (arg == "--seed") seed = static_cast<std::uint32_t>(std::stoul(value()));
    if (arg == "--cycles") cycles = std::stoi(value());
    if (arg == "--gaps") faults = {0.05, 3 * 3600};
    if (arg == "--drift") drift = true, packs = 48;
    if (arg == "--balance") balance = true, packs = 24;
    if (arg == "--all") all = true;
    if (arg == "--failures") failures = true;
    if (arg == "--chemistry") {
      const std::string name = value();
      chemistry = name == "nmc"   ? simulator::Chemistry::nmc
                  : name == "lto" ? simulator::Chemistry::lto
                                  : simulator::Chemistry::lfp;
    }
  }
  if (drift) return score_drift(seed, packs, failures) ? 0 : 1;
  if (balance) return score_balance(seed, packs, failures) ? 0 : 1;
  bool met = score_one(chemistry, seed, packs, cycles, faults, failures);
  if (all) {
    met = score_one(simulator::Chemistry::nmc, seed, packs, cycles, faults, failures) && met;
    met = score_one(simulator::Chemistry::lto, seed, packs, cycles, faults, failures) && met;
  }
  return met ? 0 : 1;
}
