// What became of a pack, kept for its report: written and read back, in order, bounded, and done without.
#include "daemon/history/chronicle.h"

#include <doctest/doctest.h>

#include "tests/support/log.h"
#include "tests/support/temporary_directory.h"

using namespace cellwarden;
using test::Log, test::TemporaryDirectory;
using namespace std::chrono_literals;

namespace {

const UtcTime noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25) + 12h;

ClosedSegment a_charge(UtcTime at, double ah = 50) {
  ClosedSegment charge{
      .ended_at = at, .cause = Stop::bms_cell, .ah = ah, .hours = 2.5, .edge_v = 3.652, .edge_cell = 7};
  charge.told = true, charge.margin_mv = -12;
  charge.offset_pct = {0, 1.5, absent}, charge.r_mohm = {0.5, 0.625, absent};
  return charge;
}
ClosedSegment a_discharge(UtcTime at) {
  ClosedSegment discharge{.ended_at = at, .charge = false, .cause = Stop::load, .ah = 40, .hours = 4, .edge_v = 2.9};
  discharge.usable_ah = 91.5;
  return discharge;
}

}  // namespace

TEST_CASE("chronicle: charges and discharges come back as they were, and a day is their sum") {
  TemporaryDirectory folder;
  {
    History history = open_history(folder.path, history_schema(), noon);
    Chronicle chronicle(history);
    chronicle.add("a", a_charge(noon));
    chronicle.add("a", a_discharge(noon + 5h));
    chronicle.add("a", a_charge(noon + 9h, 30));
    chronicle.add("a", a_charge(noon + 24h));
    chronicle.add("b", a_charge(noon));
    chronicle.add("b", ClosedSegment{});  // nobody knows when
  }
  History history = open_history(folder.path, history_schema(), noon);
  Chronicle chronicle(history);
  const auto segments = chronicle.segments("a");
  REQUIRE(segments.size() == 4);
  CHECK(segments[0].ended_at == noon);
  CHECK(segments[0].cause == Stop::bms_cell);
  CHECK(segments[0].edge_cell == 7);
  CHECK(segments[0].margin_mv == -12);
  CHECK_FALSE(segments[0].usable_ah);
  CHECK(segments[0].offset_pct[1] == 1.5);
  CHECK_FALSE(known(segments[0].offset_pct[2]));
  CHECK_FALSE(segments[1].charge);
  CHECK(segments[1].usable_ah == 91.5);

  const auto days = chronicle.days("a");
  REQUIRE(days.size() == 2);
  CHECK(days[0].day == std::chrono::floor<std::chrono::days>(noon));
  CHECK(days[0].charged_ah == 80);
  CHECK(days[0].discharged_ah == 40);
  CHECK(days[0].cut_by_bms == 2);
  CHECK(days[0].highest_v == doctest::Approx(3.652));
  CHECK(days[0].lowest_v == doctest::Approx(2.9));
  CHECK(days[0].usable_ah == 91.5);
  CHECK(days[0].r_mohm[1] == 0.625);
  CHECK_FALSE(known(days[1].lowest_v));
  CHECK(chronicle.segments("b").size() == 1);
  CHECK(chronicle.days("c").empty());
}

TEST_CASE("chronicle: alerts and limits") {
  TemporaryDirectory folder;
  History history = open_history(folder.path, history_schema(), noon);
  Chronicle chronicle(history);
  chronicle.add("a", LoggedAlert{noon, true, "drift", "warn", "Cell 3 drifts", 3});
  chronicle.add("a", LoggedAlert{std::nullopt, false, "drift", "warn", "It is over", std::nullopt});
  const auto alerts = chronicle.alerts("a");
  REQUIRE(alerts.size() == 2);
  CHECK(alerts[0].at == noon);
  CHECK(alerts[0].cell == 3);
  CHECK(alerts[1].text == "It is over");
  CHECK_FALSE(alerts[1].at);
  CHECK_FALSE(alerts[1].raised);

  CHECK_FALSE(chronicle.limits("a"));
  Limits limits;
  limits.cell_ovp_v = 3.65;
  chronicle.set_limits("a", limits);
  CHECK(chronicle.limits("a") == limits);
}

TEST_CASE("chronicle: the oldest go when there are too many, and only of that pack") {
  TemporaryDirectory folder;
  History history = open_history(folder.path, history_schema(), noon);
  history.database->execute("PRAGMA synchronous = OFF");  // thousands of commits
  Chronicle chronicle(history);
  chronicle.add("b", a_charge(noon));
  for (int n = 0; n < Chronicle::most_segments + 20; ++n) chronicle.add("a", a_charge(noon + n * 1h));
  for (int n = 0; n < Chronicle::most_alerts + 5; ++n)
    chronicle.add("a", LoggedAlert{noon, true, "drift", "warn", {}, n});
  const auto segments = chronicle.segments("a");
  CHECK(segments.size() == Chronicle::most_segments);
  CHECK(segments.front().ended_at == noon + 20h);
  CHECK(chronicle.alerts("a").size() == Chronicle::most_alerts);
  CHECK(chronicle.alerts("a").front().cell == 5);
  CHECK(chronicle.segments("b").size() == 1);
}

TEST_CASE("chronicle: a history from before takes them; one that cannot be written is said once") {
  TemporaryDirectory folder;
  { open_history(folder.path, history_schema().first(2), noon); }
  History history = open_history(folder.path, history_schema(), noon);
  Chronicle chronicle(history);
  chronicle.add("a", a_charge(noon));
  CHECK(chronicle.segments("a").size() == 1);

  history.database->execute("ALTER TABLE segments RENAME TO hidden");
  Log log;
  chronicle.add("a", a_charge(noon + 1h));
  chronicle.add("a", a_charge(noon + 2h));
  CHECK(log.times("are missing in the report until it can be written") == 1);
  history.database->execute("ALTER TABLE hidden RENAME TO segments");
  for (int n = 0; n < 19; ++n) chronicle.add("a", a_charge(noon + 3h + n * 1h));
  CHECK(log.times("is written again") == 0);  // a full disk has room for this and that
  history.database->execute("ALTER TABLE segments RENAME TO hidden");
  chronicle.add("a", a_charge(noon + 40h));
  CHECK(log.times("are missing in the report until it can be written") == 1);
  history.database->execute("ALTER TABLE hidden RENAME TO segments");
  for (int n = 0; n < 20; ++n) chronicle.add("a", a_charge(noon + 50h + n * 1h));
  CHECK(log.times("is written again") == 1);
  CHECK(chronicle.segments("a").size() == 40);

  History none{folder.path / "history.db", std::nullopt, false};
  Chronicle without(none);
  without.add("a", a_charge(noon));
  CHECK(without.segments("a").empty());
}
