// What the analysis remembers, kept as bytes: in a history that is new, from before, read-only, or none.
#include "daemon/history/state_store.h"

#include <doctest/doctest.h>

#include "daemon/history/energy_store.h"
#include "tests/support/log.h"
#include "tests/support/temporary_directory.h"

using namespace cellwarden;
using test::Log, test::TemporaryDirectory;

namespace {

const UtcTime now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25);
const std::string bytes("a\0b\nc\xff", 6);

}  // namespace

TEST_CASE("states: any bytes come back as they were, the last of each pack") {
  TemporaryDirectory folder;
  {
    History history = open_history(folder.path, history_schema(), now);
    StateStore store(history);
    CHECK_FALSE(store.load("a"));
    store.save("a", "older", now);
    store.save("a", bytes, now);
    store.save("b", "", std::nullopt);
  }
  History history = open_history(folder.path, history_schema(), now);
  StateStore store(history);
  CHECK(store.load("a") == bytes);
  CHECK(store.load("b") == "");
  CHECK_FALSE(store.load("c"));
}

TEST_CASE("states: a history from before them keeps its energy and takes them") {
  TemporaryDirectory folder;
  {
    EnergyStore before(open_history(folder.path, history_schema().first(1), now), folder.path / "run");
    before.save({{"a", {5, 7}}}, now);
  }
  EnergyStore energy(open_history(folder.path, history_schema(), now), folder.path / "run");
  CHECK(energy.before().at("a") == Energy{5, 7});
  StateStore store(energy.history());
  store.save("a", bytes, now);
  CHECK(store.load("a") == bytes);
}

TEST_CASE("states: what cannot be read or written is said once, and when it can again") {
  TemporaryDirectory folder;
  History history = open_history(folder.path, history_schema(), now);
  StateStore store(history);
  history.database->execute("ALTER TABLE analysis_state RENAME TO hidden");
  Log log;
  CHECK_FALSE(store.load("a"));
  store.save("a", bytes, now);
  store.save("a", bytes, now);
  CHECK(log.times("is kept in memory until it can be written") == 1);
  history.database->execute("ALTER TABLE hidden RENAME TO analysis_state");
  store.save("a", bytes, now);
  CHECK(log.times("is written again") == 1);
  CHECK(store.load("a") == bytes);
}
