// One life of what is learnt of a pack, for kill_test to end: the real analyst, chronicle and states, fed with a pack
// that charges and discharges as fast as it is taken. It prints what was there before, whether the top is known with
// the first reading, then again and again what has been kept: "before SEGMENTS ALERTS", "knows 1", "kept SEGMENTS
// ALERTS".
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "daemon/analysis/insight.h"
#include "daemon/analyst/analyst.h"
#include "daemon/history/chronicle.h"
#include "daemon/history/state_store.h"
#include "tests/analysis/made_pack.h"

using namespace cellwarden;

namespace {

struct Told : PackObserver {
  void on_insight(const std::string&, const Insight& insight) override { why = insight.charge_verdict.reason; }
  void on_energy(const std::string&, const Energy&) override {}
  void on_reading(const std::string&, const Reading&, const Counters&) override {}
  void on_info(const std::string&, const Identity&, const Limits&) override {}
  void on_status(const std::string&, bool, const std::string&) override {}
  Reason why = Reason::none;
};

int rows(History& history, const char* table) {
  auto count = history.database->prepare(std::string("SELECT COUNT(*) FROM ") + table);
  return count.step() ? static_cast<int>(count.real(0)) : -1;
}

bool print(const char* what, int first, int second) {
  char line[100];
  const int size = std::snprintf(line, sizeof line, "%s %d %d\n", what, first, second);
  return write(STDOUT_FILENO, line, static_cast<std::size_t>(size)) == size;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  constexpr int look_every = 20;
  Told told;
  History history = open_history(argv[1], history_schema(), UtcTime{});
  if (!history.database) return 1;
  StateStore store(history);
  Chronicle chronicle(history);
  Analyst analyst(store, chronicle, told);
  auto options = made::pack(5);
  options.interval_s = 20, options.days = 1000;
  AnalysedPack pack;
  pack.id = "a", pack.settings = score::settings_of(options);
  analyst.set_packs({pack});
  analyst.on_info("a", {}, score::limits_of(options));
  print("before", rows(history, "segments"), rows(history, "alert_log"));

  simulator::Scenario scenario(options);
  Reading reading;
  const auto began = std::chrono::hours(24 * std::atoi(argv[2]));
  for (int n = 0; scenario.next(); ++n) {
    score::fill(reading, scenario.sample());
    *reading.taken_at += began;
    analyst.on_reading("a", reading, {});
    if (n == 0 && !print("knows", told.why != Reason::top_never_seen, 0)) return 1;
    if (n % look_every == 0 && !print("kept", rows(history, "segments"), rows(history, "alert_log"))) return 1;
  }
}
