// The keeper between a pack and its publisher, on real files, in virtual time.
#include "daemon/history/energy_keeper.h"

#include <doctest/doctest.h>

#include <fstream>
#include <random>
#include <set>

#include "tests/support/log.h"
#include "tests/support/temporary_directory.h"

using namespace cellwarden;
using test::Log, test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

const UtcTime midnight = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25);

Reading reading(double steady_s, std::optional<double> power_w) {
  Reading made;
  made.taken_at = midnight + std::chrono::milliseconds(static_cast<long>(steady_s * 1000));
  made.steady_s = steady_s;
  made.power_w = power_w;
  return made;
}

/// What the publisher would hear.
struct Heard : PackObserver {
  void on_energy(const std::string& id, const Energy& energy) override {
    energies[id] = energy;
    order += "e";
  }
  void on_reading(const std::string&, const Reading&, const Counters&) override { order += "r"; }
  void on_info(const std::string&, const Identity&, const Limits&) override { order += "i"; }
  void on_status(const std::string&, bool, const std::string&) override { order += "s"; }
  Energies energies;
  std::string order;
};

/// One run of the service, from start to whatever ends it.
struct Life {
  Life(const fs::path& directory, const fs::path& runtime_dir)
      : store(open_history(directory, history_schema(), midnight), runtime_dir), keeper(store, heard) {}
  explicit Life(const fs::path& directory) : Life(directory, directory / "run") {}

  void read(const std::string& id, double steady_s, std::optional<double> power_w) {
    keeper.on_reading(id, reading(steady_s, power_w), {});
  }
  Energy told(const std::string& id) const { return heard.energies.at(id); }

  EnergyStore store;
  Heard heard;
  EnergyKeeper keeper;
};

constexpr double kwh_per_s = 0.001, power_w = 3600e3 * kwh_per_s;

}  // namespace

TEST_CASE("keeper: the energy is told just before its reading, and everything else goes through") {
  TemporaryDirectory directory;
  Life life(directory.path);
  life.keeper.on_status("a", true, "");
  life.keeper.on_info("a", {}, {});
  life.read("a", 0, power_w);
  life.read("a", 10, power_w);
  CHECK(life.heard.order == "sierer");
  CHECK(life.told("a").charged_kwh == doctest::Approx(10 * kwh_per_s));
  CHECK(life.told("a").discharged_kwh == 0);
}

TEST_CASE("keeper: a pack that says nothing of its power has no counters") {
  TemporaryDirectory directory;
  Life life(directory.path);
  for (int s = 0; s < 100; ++s) life.read("a", s, {});
  CHECK(life.heard.energies.empty());
  life.read("a", 100, 0.0);
  CHECK(life.told("a") == Energy{});
}

TEST_CASE("keeper: an orderly stop keeps everything, also over the power's loss") {
  TemporaryDirectory directory;
  const Energies in = {{"a", {}}, {"b", {}}};
  {
    Life life(directory.path);
    for (int s = 0; s <= 7; ++s) life.read("a", s, power_w), life.read("b", s, -2 * power_w);
    life.keeper.save();
  }
  fs::remove_all(directory.path / "run");
  Life life(directory.path);
  life.read("a", 1000, {});
  life.read("b", 1000, {});
  CHECK(life.told("a").charged_kwh == doctest::Approx(7 * kwh_per_s));
  CHECK(life.told("b").discharged_kwh == doctest::Approx(14 * kwh_per_s));
}

TEST_CASE("keeper: what is told has been kept, and is less than 10 s old") {
  TemporaryDirectory directory;
  std::mt19937 random(11);
  for (const double poll_s : {0.2, 1.0, 2.0, 4.9, 7.0, 30.0, 60.0}) {
    CAPTURE(poll_s);
    const std::string id = "poll-" + std::to_string(poll_s), other = "other";
    Life life(directory.path);
    double counted = 0;
    for (double s = 0; s < 200; s += poll_s) {
      if (s > 0) counted += poll_s * kwh_per_s;
      if (random() % 2) life.read(other, s, 1.0);
      life.read(id, s, power_w);
      const double told = life.told(id).charged_kwh;
      CHECK(told <= counted + 1e-9);
      // The next reading comes within another poll: until then a crash loses that much more.
      const double next_s = poll_s <= 5 ? poll_s : 0;
      CHECK(told > counted + (next_s - 10) * kwh_per_s - 1e-9);
      const EnergyStore after_a_crash({directory.path / "none", {}, true}, directory.path / "run");
      CHECK(after_a_crash.before().at(id).charged_kwh >= told);
    }
  }
}

TEST_CASE("keeper: the power's loss at any moment costs less than 15 minutes") {
  TemporaryDirectory directory, runtime(test::in_memory());
  std::mt19937 random(5);
  Life life(directory.path / "state", runtime.path);
  double told_before = 0;
  for (int s = 0; s < 4 * 3600; ++s) {
    life.read("a", s, power_w);
    if (random() % 300) continue;
    // What is on the card at this moment; the runtime directory is gone with the power.
    const fs::path card = directory.path / "card";
    fs::remove_all(card);
    fs::create_directory(card);
    for (const char* name : {"history.db", "history.db-wal"})
      if (fs::exists(directory.path / "state" / name)) fs::copy(directory.path / "state" / name, card / name);
    Life next(card);
    const auto held = next.store.before().find("a");
    const double kwh = held == next.store.before().end() ? 0 : held->second.charged_kwh;
    CHECK(kwh <= s * kwh_per_s + 1e-6);
    CHECK(kwh > (s - 15 * 60) * kwh_per_s);
    CHECK(kwh >= told_before);
    told_before = kwh;
  }
  CHECK(told_before > 3 * 3600 * kwh_per_s);
}

TEST_CASE("keeper: few writes: six hours of readings each second") {
  TemporaryDirectory directory, runtime(test::in_memory());
  const fs::path log = directory.path / "history.db-wal", kept = runtime.path / "energy.json";
  const auto content = [](const fs::path& file) {
    std::ifstream in(file);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  Life life(directory.path, runtime.path);
  int saves = 0, keeps = 0, last_keep_s = -5;
  auto log_size = fs::file_size(log);
  std::string kept_before;
  for (int s = 0; s < 6 * 3600; ++s) {
    for (const char* id : {"a", "b", "c"}) life.read(id, s, power_w);
    if (const auto size = fs::file_size(log); size != log_size) ++saves, log_size = size;
    if (s > 1800) continue;
    if (auto text = content(kept); text != kept_before) {
      kept_before = std::move(text);
      if (s > 2) CHECK(s - last_keep_s >= 4);
      last_keep_s = s, ++keeps;
    }
  }
  CHECK(saves == 25);
  CHECK(keeps >= 1800 / 10);
  CHECK(log_size < 400'000);

  // At rest nothing moves, so nothing is written.
  life.read("a", 30000, 0), life.read("b", 30000, 0), life.read("c", 30000, 0);
  life.keeper.save();
  log_size = fs::file_size(log);
  for (int s = 30001; s < 40000; ++s) life.read("a", s, 0);
  CHECK(fs::file_size(log) == log_size);
}

TEST_CASE("keeper: a stepped clock changes nothing") {
  TemporaryDirectory directory;
  Life life(directory.path);
  for (int s = 0; s <= 100; ++s) {
    Reading stepped = reading(s, power_w);
    if (s > 30) *stepped.taken_at -= std::chrono::hours(24 * 365);
    if (s > 60) *stepped.taken_at += std::chrono::hours(24 * 365 * 50);
    if (s == 80) stepped.taken_at.reset();
    life.keeper.on_reading("a", stepped, {});
  }
  CHECK(life.told("a").charged_kwh == doctest::Approx(100 * kwh_per_s));
  life.keeper.save();
  CHECK(Life(directory.path).store.before().at("a").charged_kwh == doctest::Approx(100 * kwh_per_s));
}

TEST_CASE("keeper: without a place to keep it the energy is counted and told all the same") {
  Log log;
  Life life("/proc/none", "/proc/none/run");
  for (int s = 0; s <= 2000; ++s) life.read("a", s, power_w);
  life.keeper.save();
  CHECK(life.told("a").charged_kwh == doctest::Approx(2000 * kwh_per_s));
  CHECK(log.times("/proc/none") == 2);
}

TEST_CASE("keeper: what cannot be read is not begun again at 0") {
  TemporaryDirectory directory;
  std::vector<const char*> newer(history_schema().begin(), history_schema().end());
  newer.push_back("CREATE TABLE later(x)");
  { Database database(directory.path / "history.db", newer); }
  fs::create_directory(directory.path / "run");
  std::ofstream(directory.path / "run" / "energy.json") << R"({"kept":{"charged_kwh":5,"discharged_kwh":6}})";
  Log log;
  Life life(directory.path);
  for (int s = 0; s <= 100; ++s) life.read("lost", s, power_w), life.read("kept", s, power_w);
  CHECK_FALSE(life.heard.energies.contains("lost"));
  CHECK(life.told("kept").charged_kwh == doctest::Approx(5 + 100 * kwh_per_s));
}
