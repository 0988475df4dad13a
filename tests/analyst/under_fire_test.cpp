// What becomes of a pack's analysis when its history is full, damaged, or of an earlier version.
#include <doctest/doctest.h>

#include <fstream>

#include "daemon/analysis/memory.h"
#include "daemon/analyst/analyst.h"
#include "daemon/analyst/pack_state.h"
#include "daemon/history/chronicle.h"
#include "daemon/history/energy_store.h"
#include "daemon/history/state_store.h"
#include "tests/analysis/made_pack.h"
#include "tests/support/log.h"
#include "tests/support/temporary_directory.h"

using namespace cellwarden;
using simulator::Phase;
using test::Log, test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

const UtcTime noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25) + std::chrono::hours(12);
constexpr int page = 4096;

struct Heard : PackObserver {
  void on_insight(const std::string&, const Insight& told) override { insight = told; }
  void on_energy(const std::string&, const Energy&) override {}
  void on_reading(const std::string&, const Reading&, const Counters&) override {}
  void on_info(const std::string&, const Identity&, const Limits&) override {}
  void on_status(const std::string&, bool, const std::string&) override {}
  Insight insight;
};

simulator::ScenarioOptions a_pack() {
  auto options = made::pack(5);
  options.interval_s = 20, options.days = 100;
  return options;
}

/// The service's part that learns, on a history of its own.
struct Service {
  explicit Service(const fs::path& folder) : history(open_history(folder, history_schema(), noon)) {
    AnalysedPack pack;
    pack.id = "a", pack.settings = score::settings_of(options);
    analyst.set_packs({pack});
    analyst.on_info("a", {}, score::limits_of(options));
  }
  /// Until that charge begins.
  void live_to(int cycle) {
    while (scenario.next() && !(scenario.phase() == Phase::charge && scenario.cycle() == cycle)) {
      score::fill(reading, scenario.sample());
      analyst.on_reading("a", reading, {});
    }
  }

  simulator::ScenarioOptions options = a_pack();
  simulator::Scenario scenario{options};
  History history;
  StateStore store{history};
  Chronicle chronicle{history};
  Heard heard;
  Analyst analyst{store, chronicle, heard};
  Reading reading;
};

void overwrite(const fs::path& file, std::streamoff at, const std::string& bytes) {
  std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
  out.seekp(at);
  out << bytes;
  REQUIRE(out.good());
}

}  // namespace

TEST_CASE("under fire: a full disk is said once, nothing stops, and when there is room it is kept again") {
  TemporaryDirectory folder;
  Log log;
  Service service(folder.path);
  service.live_to(2);
  const auto kept = service.chronicle.segments("a").size();
  CHECK(kept >= 2);
  service.history.database->execute("PRAGMA max_page_count = 1");  // no more than it has
  // Rows that are there already take no room: until what they have is full.
  service.live_to(30);
  CHECK(log.times("database or disk is full") >= 1);
  CHECK(log.times("missing in the report until it can be written") == 1);
  CHECK(service.heard.insight.charge_verdict.value == ChargeVerdict::bms);
  CHECK(service.heard.insight.first_full_cell.value == 2);
  const auto then = service.chronicle.segments("a").size();
  service.history.database->execute("PRAGMA max_page_count = 100000");
  service.live_to(45);
  CHECK(log.times("missing in the report until it can be written") == 1);
  CHECK(log.times("is written again") >= 1);
  CHECK(service.chronicle.segments("a").size() >= then + 2);
}

TEST_CASE("under fire: bytes overwritten in any table: set aside, said, and the service learns on") {
  TemporaryDirectory folder;
  const fs::path file = folder.path / "history.db";
  {
    Service service(folder.path);
    service.live_to(4);
    service.analyst.save();
  }
  const auto pages = static_cast<int>(fs::file_size(file)) / page;
  CHECK(pages >= 8);
  int noticed = 0, tried = 0;
  for (int n = 1; n < pages; ++n) {
    CAPTURE(n);
    TemporaryDirectory other;
    fs::copy(file, other.path / "history.db");
    overwrite(other.path / "history.db", static_cast<std::streamoff>(n) * page, std::string(64, '\xEE'));
    Log log;
    Service service(other.path);
    ++tried;
    noticed += log.times("was damaged") == 1 && log.times("a new history is begun") == 1;
    // Damage inside a blob is no damage of the file: its own sum finds it.
    CHECK(log.times("was damaged") + log.times("it is learnt anew") <= 1);
    if (n == 1) {
      service.live_to(2);
      CHECK(service.chronicle.segments("a").size() >= 2);
    }
    bool aside = false;
    for (const auto& entry : fs::directory_iterator(other.path))
      aside = aside || entry.path().filename().string().starts_with("history.db.damaged-");
    CHECK(aside == (log.times("was damaged") == 1));
  }
  MESSAGE(noticed << " of " << tried << " pages damaged are noticed as such");
  CHECK(noticed >= 6);
}

TEST_CASE("under fire: a damaged state is refused by its own sum, alone") {
  TemporaryDirectory folder;
  {
    Service service(folder.path);
    service.live_to(3);
    auto blob = service.store.load("a");
    REQUIRE(blob);
    (*blob)[blob->size() / 2] ^= 1;
    service.store.save("a", *blob, noon);
  }
  Log log;
  Service service(folder.path);
  CHECK(log.times("it is learnt anew") == 1);
  CHECK(service.chronicle.segments("a").size() >= 2);
}

TEST_CASE("under fire: a history of every earlier schema is gone on with") {
  for (std::size_t version = 1; version <= history_schema().size(); ++version) {
    CAPTURE(version);
    TemporaryDirectory folder;
    {
      EnergyStore before(open_history(folder.path, history_schema().first(version), noon), folder.path / "run");
      before.save({{"a", {5, 7}}}, noon);
      CHECK(before.history().database->version() == static_cast<int>(version));
    }
    Service service(folder.path);
    CHECK(service.history.database->version() == static_cast<int>(history_schema().size()));
    service.live_to(2);
    CHECK(service.chronicle.segments("a").size() >= 2);
    CHECK(service.store.load("a"));
    auto energy = service.history.database->prepare("SELECT charged_kwh FROM energy WHERE pack_id = 'a'");
    REQUIRE(energy.step());
    CHECK(energy.real(0) == 5);
  }
}

TEST_CASE("under fire: what the first version had learnt of a pack is known to this one") {
  TemporaryDirectory folder;
  {
    Service service(folder.path);
    service.live_to(3);
    service.analyst.save();
    const auto state = split(*service.store.load("a"));
    REQUIRE(state);
    const auto memory = restore_memory(state->analysis);
    REQUIRE(memory);
    service.store.save("a", join({state->alerts, save_memory(*memory, 1)}), noon);
  }
  Log log;
  Service service(folder.path);
  score::fill(service.reading, (service.scenario.next(), service.scenario.sample()));
  service.analyst.on_reading("a", service.reading, {});
  CHECK(log.times("learnt anew") == 0);
  CHECK(service.heard.insight.charge_verdict.value == ChargeVerdict::bms);
  CHECK(service.heard.insight.first_full_cell.value == 2);
  CHECK(service.heard.insight.need_full_charge.value == false);
}
