// Analysis time per reading and memory per pack (design.md 8: 8 us for 16 cells, 64 packs x 32 cells).
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <vector>

#include "tests/analysis/score_pack.h"

namespace {

/// A day of readings, drawn once.
std::vector<cellwarden::Reading> a_day(const simulator::ScenarioOptions& options, double interval_s) {
  simulator::ScenarioOptions o = options;
  o.interval_s = interval_s;
  o.days = 1;
  simulator::Scenario scenario(o);
  std::vector<cellwarden::Reading> readings;
  while (scenario.next()) score::fill(readings.emplace_back(), scenario.sample());
  return readings;
}

simulator::ScenarioOptions pack_of(int cells) {
  simulator::DailyPack pack;
  pack.cells = cells;
  return simulator::draw_daily(simulator::kind_from_text("scatter=2"), 7, pack);
}

void analysis_per_reading(benchmark::State& state) {
  const auto options = pack_of(static_cast<int>(state.range(0)));
  const auto readings = a_day(options, 5);
  double day_s = 0;
  cellwarden::Analysis analysis(score::settings_of(options));
  analysis.on_limits(score::limits_of(options));
  std::size_t at = 0;
  cellwarden::Reading reading;
  for (auto _ : state) {
    reading.steady_s = readings[at].steady_s + day_s;
    reading.cells_v = readings[at].cells_v;
    reading.current_a = readings[at].current_a, reading.pack_v = readings[at].pack_v;
    reading.charge_on = readings[at].charge_on, reading.discharge_on = readings[at].discharge_on;
    analysis.on_reading(reading);
    if (++at == readings.size()) at = 0, day_s += 86400;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(analysis_per_reading)->Arg(4)->Arg(16)->Arg(32);

void memory_of_64_packs_of_32_cells(benchmark::State& state) {
  const auto options = pack_of(32);
  const auto readings = a_day(options, 60);
  for (auto _ : state) {
    const auto before = mallinfo2().uordblks;
    std::vector<cellwarden::Analysis> packs;
    for (int i = 0; i < 64; ++i) {
      auto& pack = packs.emplace_back(score::settings_of(options));
      pack.on_limits(score::limits_of(options));
      for (const auto& reading : readings) pack.on_reading(reading);
    }
    state.counters["MB"] = static_cast<double>(mallinfo2().uordblks - before) / 1e6;
    state.counters["blob_bytes"] = static_cast<double>(packs.front().save().size());
  }
}
BENCHMARK(memory_of_64_packs_of_32_cells)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
