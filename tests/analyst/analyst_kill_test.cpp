// kill -9 in the middle of charges and of writing what they taught: what was kept stays, no number runs backwards, the
// database stays whole, and no life has to learn anew.
#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <random>
#include <sstream>

#include "daemon/history/history.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

using namespace cellwarden;
namespace fs = std::filesystem;

namespace {

struct Lives {
  int segments = 0, alerts = 0;  ///< kept, as last said
  bool top_kept = false;         ///< a closed charge was seen kept
  int lines = 0;

  void hear(const std::string& line) {
    INFO(line);
    CHECK(line.find("learnt anew") == std::string::npos);
    CHECK(line.find("damaged") == std::string::npos);
    CHECK(line.find("history.db") == std::string::npos);
    std::istringstream words(line);
    std::string what;
    int first = -1, second = -1;
    words >> what >> first >> second;
    if (what == "knows") {
      if (top_kept) CHECK(first == 1);
    } else if (what == "before" || what == "kept") {
      CHECK(first >= segments);
      CHECK(second >= alerts);
      // The state is saved after the segment: only what was seen in the life after is surely both.
      if (what == "before") top_kept = top_kept || segments > 0;
      segments = first, alerts = second, ++lines;
    }
  }
};

void check_whole(const fs::path& state) {
  test::TemporaryDirectory copy;
  for (const char* name : {"history.db", "history.db-wal"})
    if (fs::exists(state / name)) fs::copy(state / name, copy.path / name);
  Database database(copy.path / "history.db", history_schema());
  auto check = database.prepare("PRAGMA integrity_check");
  REQUIRE(check.step());
  CHECK(check.text(0) == "ok");
}

}  // namespace

TEST_CASE("analyst: kill -9 while charging and while writing") {
  const int kills = std::getenv("CELLWARDEN_LONG") ? 100 : 10;
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  test::TemporaryDirectory directory;
  const fs::path state = directory.path / "state";
  Lives lives;
  for (int kill = 0; kill < kills; ++kill) {
    CAPTURE(kill);
    Process life({ANALYST_LIFE, state.string(), std::to_string(1000 * kill)});
    // Some while they open; the others after so many more words.
    const int enough = kill % 5 == 4 ? -1 : lives.lines + std::uniform_int_distribution<int>(1, 120)(random);
    if (enough < 0) usleep(static_cast<useconds_t>(std::uniform_int_distribution<int>(0, 30'000)(random)));
    if (enough >= 0)
      life.wait_for([&](const std::string& line) {
        lives.hear(line);
        return lives.lines >= enough;
      });
    REQUIRE(life.end(SIGKILL) == 128 + SIGKILL);
    life.wait_for([&](const std::string& line) {
      lives.hear(line);
      return false;
    });
    if (fs::exists(state / "history.db")) check_whole(state);
  }
  MESSAGE(kills << " kills, " << lives.segments << " charges and discharges and " << lives.alerts << " alerts kept");
  CHECK(lives.segments > kills / 2);
  CHECK(lives.alerts > 0);
}
