// The analyst between a pack and its publisher, on a real history.db, in virtual time.
#include "daemon/analyst/analyst.h"

#include <doctest/doctest.h>

#include "daemon/alerts/alert_json.h"
#include "daemon/analysis/insight.h"
#include "daemon/analyst/pack_state.h"
#include "daemon/history/chronicle.h"
#include "daemon/history/state_store.h"
#include "tests/support/log.h"
#include "tests/support/temporary_directory.h"

using namespace cellwarden;
using test::Log, test::TemporaryDirectory;

namespace {

const UtcTime midnight = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25);

struct Heard : PackObserver {
  void on_reading(const std::string&, const Reading&, const Counters&) override { order += "r"; }
  void on_energy(const std::string&, const Energy&) override { order += "e"; }
  void on_info(const std::string&, const Identity&, const Limits&) override { order += "i"; }
  void on_status(const std::string&, bool, const std::string&) override { order += "s"; }
  void on_insight(const std::string&, const Insight& insight) override {
    order += "I";
    charge_verdict = insight.charge_verdict;
  }
  void on_alerts(const std::string&, const std::vector<Alert>& all, const std::vector<AlertEvent>& events) override {
    order += "A";
    standing = all;
    for (const auto& event : events) told += (event.raised ? "+" : "-") + std::string(name(event.alert.kind)) + " ";
  }
  std::string order, told;
  std::vector<Alert> standing;
  Output<ChargeVerdict> charge_verdict;
};

AnalysedPack a_pack(const std::string& id = "a") {
  AnalysedPack pack;
  pack.id = id;
  pack.settings.chemistry = "lfp", pack.settings.capacity_ah = 100;
  return pack;
}

/// One run of the service.
struct Life {
  explicit Life(const TemporaryDirectory& folder, std::vector<AnalysedPack> packs = {a_pack()})
      : history(open_history(folder.path, history_schema(), midnight)),
        store(history),
        chronicle(history),
        analyst(store, chronicle, heard) {
    analyst.set_packs(std::move(packs));
  }
  void read(double steady_s, std::vector<Alarm> alarms = {}, double current_a = 0) {
    Reading reading;
    reading.steady_s = steady_s;
    reading.taken_at = midnight + std::chrono::milliseconds(static_cast<long>(steady_s * 1000));
    reading.cells_v = {3.30, 3.30, 3.30, 3.30};
    reading.current_a = current_a;
    reading.alarms = std::move(alarms);
    analyst.on_reading("a", reading, {});
  }
  std::string told() { return std::exchange(heard.told, {}); }

  History history;
  StateStore store;
  Chronicle chronicle;
  Heard heard;
  Analyst analyst;
};

std::string saved_at(Life& life) {
  auto row = life.history.database->prepare("SELECT saved_at FROM analysis_state WHERE pack_id = 'a'");
  return row.step() ? row.text(0) : "";
}

}  // namespace

TEST_CASE("analyst: everything goes through; what a reading means follows it") {
  TemporaryDirectory folder;
  Life life(folder);
  CHECK(life.heard.order == "A");  // what stood before the start: nothing
  life.heard.order.clear();
  life.analyst.on_status("a", true, "");
  life.analyst.on_info("a", {}, {});
  life.analyst.on_energy("a", {});
  life.read(1);
  life.read(2, {Alarm::soc_low});
  CHECK(life.heard.order == "sierIrIA");
  CHECK(life.told() == "+soc_low ");
  CHECK(life.heard.charge_verdict.reason == Reason::ovp_unknown);
  Limits limits;
  limits.cell_ovp_v = 3.65;
  life.analyst.on_info("a", {}, limits);
  life.read(3, {Alarm::soc_low});
  CHECK(life.heard.charge_verdict.reason == Reason::charger_voltage_unknown);
}

TEST_CASE("analyst: charges, alerts and limits go into the chronicle") {
  TemporaryDirectory folder;
  Life life(folder);
  Limits limits;
  limits.cell_ovp_v = 3.65;
  life.analyst.on_info("a", {}, limits);
  for (int minute = 0; minute < 40; ++minute) life.read(60 * minute, {}, 20 + 0.1 * (minute % 2));
  for (int minute = 40; minute < 120; ++minute) life.read(60 * minute, {Alarm::soc_low}, 0);
  CHECK(life.chronicle.limits("a") == limits);
  REQUIRE(life.chronicle.segments("a").size() == 1);
  CHECK(life.chronicle.segments("a").front().charge);
  CHECK(life.chronicle.segments("a").front().ah == doctest::Approx(13).epsilon(0.05));
  REQUIRE(life.chronicle.alerts("a").size() == 1);
  CHECK(life.chronicle.alerts("a").front().alert == "soc_low");
}

TEST_CASE("analyst: an alarm that stood at the stop stands at the start and is not told again") {
  TemporaryDirectory folder;
  {
    Life life(folder);
    life.read(1, {Alarm::short_circuit});
    CHECK(life.told() == "+short_circuit ");
    life.analyst.save();
  }
  Life life(folder);
  REQUIRE(life.heard.standing.size() == 1);
  CHECK(life.told() == "");
  life.read(5, {Alarm::short_circuit});
  CHECK(life.told() == "");
  life.read(7);
  CHECK(life.told() == "-short_circuit ");
}

TEST_CASE("analyst: a kill loses no alert that is ten seconds old") {
  TemporaryDirectory folder;
  {
    Life life(folder);
    life.read(100);
    life.read(102, {Alarm::short_circuit});
    life.read(104, {Alarm::short_circuit, Alarm::soc_low});
    life.read(112, {Alarm::short_circuit, Alarm::soc_low});
  }
  Life life(folder);
  CHECK(life.heard.standing.size() == 2);
}

TEST_CASE("analyst: an idle pack is not written again and again, one that works every 15 minutes") {
  TemporaryDirectory folder;
  Life life(folder);
  life.read(100, {Alarm::soc_low});
  const auto first = saved_at(life);
  CHECK_FALSE(first.empty());
  for (double s = 102; s < 8000; s += 2) life.read(s, {Alarm::soc_low});
  CHECK(saved_at(life) == first);
  std::string last = first;
  int writes = 0;
  for (double s = 8000; s < 8000 + 3600; s += 2) {
    life.read(s, {Alarm::soc_low}, 1.5);
    if (saved_at(life) != last) ++writes, last = saved_at(life);
  }
  CHECK(writes >= 4);
  CHECK(writes <= 5);
}

TEST_CASE("analyst: a damaged state is told once and learnt anew") {
  TemporaryDirectory folder;
  {
    Life life(folder);
    life.read(1, {Alarm::short_circuit});
    life.analyst.save();
    auto blob = life.store.load("a").value();
    CHECK(blob.size() > 1000);
    blob[blob.size() / 2] = static_cast<char>(blob[blob.size() / 2] ^ 1);
    life.store.save("a", blob, midnight);
  }
  Log log;
  Life life(folder);
  CHECK(log.times("a: what was learnt of it before is damaged") == 1);
  CHECK(life.heard.standing.empty());
  life.read(5, {Alarm::short_circuit});
  CHECK(life.told() == "+short_circuit ");
  CHECK(log.times("damaged") == 1);
}

TEST_CASE("analyst: every flipped byte of a state is seen") {
  TemporaryDirectory folder;
  Life life(folder);
  life.read(1, {Alarm::short_circuit});
  life.analyst.save();
  const auto blob = life.store.load("a").value();
  REQUIRE(split(blob));
  for (std::size_t i = 0; i < blob.size(); i += 7) {
    auto damaged = blob;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    CHECK_FALSE(split(damaged));
  }
  for (std::size_t n = 0; n < blob.size(); n += 11) CHECK_FALSE(split(std::string_view(blob).substr(0, n)));
}

TEST_CASE("analyst: other settings keep what is known of a pack; a pack that is gone is saved") {
  TemporaryDirectory folder;
  Life life(folder);
  Limits limits;
  limits.cell_ovp_v = 3.65;
  life.analyst.on_info("a", {}, limits);
  life.read(1, {Alarm::short_circuit});
  CHECK(life.told() == "+short_circuit ");
  auto other = a_pack();
  other.settings.charger.absorption_v = 14.2;
  life.analyst.set_packs({other});
  CHECK(life.heard.standing.size() == 1);
  life.read(3, {Alarm::short_circuit});
  CHECK(life.told() == "");
  CHECK(life.heard.charge_verdict.reason == Reason::top_never_seen);
  life.analyst.set_packs({});
  life.analyst.set_packs({other});
  CHECK(life.heard.standing.size() == 1);
}

TEST_CASE("analyst: without a history it works and says nothing of it again") {
  TemporaryDirectory folder;
  Log log;
  Heard heard;
  History none{folder.path / "history.db", std::nullopt, false};
  StateStore store(none);
  Chronicle chronicle(none);
  Analyst analyst(store, chronicle, heard);
  analyst.set_packs({a_pack()});
  Reading reading;
  reading.cells_v = {3.3, 3.3};
  reading.alarms = {Alarm::soc_low};
  analyst.on_reading("a", reading, {});
  analyst.save();
  CHECK(heard.told == "+soc_low ");
  CHECK(log.times("history.db") == 0);
}

TEST_CASE("analyst: a pack that is away is told as such, by the tick when it was never heard") {
  TemporaryDirectory folder;
  Life life(folder);
  life.analyst.on_status("a", false, "not heard yet");
  for (double s = 1000; s <= 1050; s += 10) life.analyst.on_tick(s, midnight);
  CHECK(life.told() == "");
  life.analyst.on_tick(1060, midnight);
  CHECK(life.told() == "+pack_offline ");
}

TEST_CASE(
    "analyst: a pack that begins anew after a change of the config has the time of a start, one that is away not") {
  TemporaryDirectory folder;
  Life life(folder);
  life.analyst.on_status("a", true, "");
  life.read(1000);
  life.analyst.set_packs({a_pack()});
  life.analyst.on_status("a", false, "not heard yet");
  life.analyst.on_status("a", true, "");
  life.read(1010);
  CHECK(life.told() == "");
  life.analyst.on_status("a", false, "no answer");
  CHECK(life.told() == "+pack_offline ");
  life.analyst.set_packs({a_pack()});
  life.analyst.on_status("a", false, "not heard yet");
  CHECK(life.told() == "");  // it stands
}
