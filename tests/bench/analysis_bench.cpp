#include <chrono>

#include "tests/analysis/score_pack.h"
#include "tests/bench/bench.h"

namespace bench {

void bench_analysis(Table& table) {
  using Clock = std::chrono::steady_clock;
  simulator::DailyPack pack;
  pack.cells = 16, pack.days = 2, pack.interval_s = 1;
  const auto options = simulator::draw_daily(simulator::kind_from_text("balanced"), 1, pack);
  std::vector<cellwarden::Reading> readings;
  for (simulator::Scenario scenario(options); scenario.next();) score::fill(readings.emplace_back(), scenario.sample());

  cellwarden::Analysis analysis(score::settings_of(options));
  analysis.on_limits(score::limits_of(options));
  const auto start = Clock::now();
  for (const auto& reading : readings) analysis.on_reading(reading);
  const double us = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
  table.push_back({"analysis, per reading of 16 cells", "<= 8 us",
                   figure(us / static_cast<double>(readings.size()), 2) + " us over two days at 1 s"});
}

}  // namespace bench
