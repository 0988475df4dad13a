// kill -9 at random moments: no counter ever runs backwards, at most 10 s are lost, the database stays whole.
#include <doctest/doctest.h>

#include <cstdlib>
#include <random>
#include <sstream>

#include "daemon/history/history.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

using namespace cellwarden;
namespace fs = std::filesystem;

namespace {

constexpr double kwh_per_s = 0.001, rounding = 1e-6;

/// One counter as the test follows it over the lives.
struct Followed {
  double told = 0;     ///< the last value that got out
  double counted = 0;  ///< with what was measured since
  double began = 0;

  void begins(double before) {
    CHECK(before >= told - rounding);
    CHECK(before >= counted - 10 * kwh_per_s - rounding);
    // The last reading may have been counted and kept, but not printed any more.
    CHECK(before <= counted + kwh_per_s + rounding);
    began = counted = before;
  }
  void reads(int n, double now_told) {
    CHECK(now_told >= told - rounding);
    told = now_told;
    counted = began + n * kwh_per_s;
    CHECK(told <= counted + rounding);
  }
};

void check_database(const fs::path& state) {
  // On a copy, so that the next life itself has to live with what is left.
  test::TemporaryDirectory copy;
  for (const char* name : {"history.db", "history.db-wal"})
    if (fs::exists(state / name)) fs::copy(state / name, copy.path / name);
  Database database(copy.path / "history.db", history_schema());
  auto check = database.prepare("PRAGMA integrity_check");
  REQUIRE(check.step());
  CHECK(check.text(0) == "ok");
  for (const auto& entry : fs::directory_iterator(state))
    CHECK(entry.path().filename().string().find("damaged") == std::string::npos);
}

}  // namespace

TEST_CASE("energy: kill -9 at random moments") {
  const int kills = std::getenv("CELLWARDEN_LONG") ? 100 : 20;
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto up_to = [&](int most_us) {
    return std::chrono::microseconds(std::uniform_int_distribution<int>(0, most_us)(random));
  };

  test::TemporaryDirectory directory, runtime(test::in_memory());
  const fs::path state = directory.path / "state";
  Followed charged, discharged;
  int lives_with_readings = 0;
  long readings = 0;
  for (int kill = 0; kill < kills; ++kill) {
    CAPTURE(kill);
    Process life({ENERGY_LIFE, state.string(), runtime.path.string()});
    int last = -1;
    const auto take = [&](const std::string& line) {
      std::istringstream words(line);
      std::string what;
      double in = -1, out = -1;
      words >> what >> in >> out;
      if (what == "before") {
        charged.begins(in), discharged.begins(out);
      } else {
        last = std::stoi(what);
        charged.reads(last, in), discharged.reads(last, out);
      }
    };
    if (kill % 4 == 3) {
      // While it opens, too: nobody waits for a first line.
      usleep(static_cast<useconds_t>(up_to(20'000).count()));
    } else {
      std::optional<std::chrono::steady_clock::time_point> end;
      life.wait_for([&](const std::string& line) {
        take(line);
        if (!end) end = std::chrono::steady_clock::now() + up_to(100'000);
        return std::chrono::steady_clock::now() >= *end;
      });
    }
    REQUIRE(life.end(SIGKILL) == 128 + SIGKILL);
    life.wait_for([&](const std::string& line) {
      take(line);
      return false;
    });
    lives_with_readings += last > 0;
    readings += last + 1;
    if (fs::exists(state)) check_database(state);
  }
  MESSAGE(kills << " kills, " << readings << " readings, " << charged.told << " kWh");
  CHECK(lives_with_readings >= kills / 2);
}
