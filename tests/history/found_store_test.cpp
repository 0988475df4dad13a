// How packs that were looked for answered: in a history that is new, from before, or none.
#include "daemon/history/found_store.h"

#include <doctest/doctest.h>

#include "daemon/history/state_store.h"
#include "tests/support/log.h"
#include "tests/support/temporary_directory.h"

using namespace cellwarden;
using test::Log, test::TemporaryDirectory;

namespace {

const UtcTime now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25);
const FoundPack jk{"serial:/dev/a", "jk-modbus", 3, 115200}, jbd{"ble:AA:BB:CC:DD:EE:FF", "jbd", 0, 0};

}  // namespace

TEST_CASE("found: the last answer of each pack comes back") {
  TemporaryDirectory folder;
  {
    History history = open_history(folder.path, history_schema(), now);
    FoundStore store(history);
    CHECK_FALSE(store.load("a"));
    store.save("a", jbd, now);
    store.save("a", jk, now);
    store.save("b", jbd, now);
  }
  History history = open_history(folder.path, history_schema(), now);
  FoundStore store(history);
  CHECK(store.load("a") == jk);
  CHECK(store.load("b") == jbd);
  CHECK_FALSE(store.load("c"));
}

TEST_CASE("found: a history from before it keeps what it holds and takes it") {
  TemporaryDirectory folder;
  {
    History before = open_history(folder.path, history_schema().first(2), now);
    StateStore(before).save("a", "state", now);
  }
  History history = open_history(folder.path, history_schema(), now);
  CHECK(StateStore(history).load("a") == "state");
  FoundStore store(history);
  store.save("a", jk, now);
  CHECK(store.load("a") == jk);
}

TEST_CASE("found: what cannot be read or written is said once; without a history nothing is remembered") {
  TemporaryDirectory folder;
  History history = open_history(folder.path, history_schema(), now);
  FoundStore store(history);
  history.database->execute("ALTER TABLE found RENAME TO hidden");
  Log log;
  CHECK_FALSE(store.load("a"));
  store.save("a", jk, now);
  CHECK(log.times("are looked for at every start") == 1);
  history.database.reset();
  store.save("a", jk, now);
  CHECK_FALSE(store.load("a"));
}
