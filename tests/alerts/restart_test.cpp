// Over a restart: what stands is not raised again, what counts goes on, what is damaged is not taken.
#include <doctest/doctest.h>

#include "tests/alerts/scripted_pack.h"

using namespace cellwarden;
using test::ScriptedPack;

namespace {

/// Everything as it was, in a program that starts anew.
ScriptedPack restarted(const ScriptedPack& before) {
  ScriptedPack after;
  CHECK(after.alerts.restore(before.alerts.save()));
  after.reading = before.reading, after.insight = before.insight, after.moment = before.moment;
  after.limits = before.limits;
  return after;
}

}  // namespace

TEST_CASE("restart: a standing alarm is neither raised nor forgotten, and cleared once when it is over") {
  ScriptedPack before;
  before.reading.alarms->push_back(Alarm::short_circuit);
  before.cells(Gate::top_charge, 60, 3.42);
  before.pass(400);
  CHECK(before.heard() == "+short_circuit:alarm +cell_delta_top:warn@3 ");

  auto after = restarted(before);
  CHECK(after.alerts.standing() == before.alerts.standing());
  after.pass(400);
  CHECK(after.heard() == "");
  CHECK(after.alerts.standing().size() == 2);
  after.reading.alarms->clear();
  after.cells(Gate::top_charge, 20, 3.42);
  after.pass(70);
  CHECK(after.heard() == "-short_circuit:alarm -cell_delta_top:warn@3 ");
  CHECK(after.last.alert.since == before.alerts.standing()[1].since);
}

TEST_CASE("restart: alerts of single cells stand for their cell") {
  ScriptedPack before;
  before.reading.cells_v[1].reset();
  before.pass(4);
  auto after = restarted(before);
  after.reading.cells_v[3].reset();
  after.pass(4);
  CHECK(after.heard() == "+implausible_cell:alarm@4 ");
  after.reading.cells_v[1] = 3.3;
  after.pass(4);
  CHECK(after.heard() == "-implausible_cell:alarm@2 ");
}

TEST_CASE("restart: both levels are known, so the alarm falls back to its warning") {
  ScriptedPack before;
  before.cells(Gate::top_charge, 155, 3.34);
  before.pass(400);
  CHECK(before.heard() == "+cell_delta_top:alarm@3 ");
  auto after = restarted(before);
  after.cells(Gate::top_charge, 60, 3.42);
  after.pass(100);
  CHECK(after.heard() == "");
  REQUIRE(after.alerts.standing().size() == 1);
  CHECK(after.alerts.standing()[0].level == Level::warn);
}

TEST_CASE("restart: a charge counted before it still counts, and none is counted twice") {
  ScriptedPack before;
  before.read();
  before.insight.charge_verdict = Output<ChargeVerdict>::known(ChargeVerdict::bms);
  before.insight.charge_margin_mv = Output<double>::known(-40);
  before.charge_closes();
  auto after = restarted(before);
  after.pass(100);
  CHECK(after.heard() == "");
  after.charge_closes();
  CHECK(after.heard() == "+charge_cut_by_bms:warn ");
}

TEST_CASE("restart: settings that clash stay told while the BMS has not named its limits yet") {
  ScriptedPack before;
  before.insight.limit_audit = {"Two settings clash."};
  before.pass(70);
  CHECK(before.heard() == "+limit_audit:warn ");
  auto after = restarted(before);
  after.insight.limit_audit.clear();
  after.pass(30);
  after.insight.limit_audit = {"Two settings clash."};
  after.pass(300);
  CHECK(after.heard() == "");
}

TEST_CASE("restart: what is damaged changes nothing") {
  ScriptedPack before;
  before.reading.alarms->push_back(Alarm::short_circuit);
  before.pass(4);
  const auto good = before.alerts.save();
  ScriptedPack after;
  for (const std::string& text : {std::string(), std::string("{}"), good.substr(0, good.size() / 2), good + "x",
                                  std::string(R"({"version":2})"), std::string("[1]")}) {
    CAPTURE(text);
    CHECK_FALSE(after.alerts.restore(text));
    CHECK(after.alerts.standing().empty());
  }
  CHECK(after.alerts.restore(good));
}

TEST_CASE("restart: alerts and latches that contradict each other do not bring it down") {
  ScriptedPack before;
  before.reading.alarms->push_back(Alarm::short_circuit);
  before.pass(4);
  auto json = nlohmann::json::parse(before.alerts.save());
  json["standing"] = nlohmann::json::array();
  ScriptedPack after;
  CHECK(after.alerts.restore(json.dump()));
  after.pass(4);
  CHECK(after.heard() == "");
  after.reading.alarms->push_back(Alarm::short_circuit);
  after.pass(4);
  CHECK(after.heard() == "+short_circuit:alarm ");
}
