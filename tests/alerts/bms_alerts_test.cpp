// What the BMS reports, cells close to its limits, cells no battery has, packs that are away.
#include <doctest/doctest.h>

#include "tests/alerts/scripted_pack.h"

using namespace cellwarden;
using test::ScriptedPack;

TEST_CASE("BMS: an alarm comes and goes, each told once, with the cell and its value") {
  ScriptedPack pack;
  pack.read();
  pack.cells(Gate::top_charge, 10, 3.58);
  pack.reading.cells_v[1] = 3.60;
  pack.limits.cell_ovp_v.reset();
  pack.reading.alarms->push_back(Alarm::cell_overvoltage);
  pack.pass(10);
  CHECK(pack.heard() == "+cell_overvoltage:alarm@2 ");
  CHECK(pack.last.alert.value == 3.60);
  CHECK(pack.last.alert.text ==
        "house-1: the BMS reports cell overvoltage at cell 2 with 3.600 V, since 2026-11-25 00:00 UTC: its protection "
        "acts and may have switched off");
  CHECK_FALSE(pack.last.alert.advice.empty());
  pack.reading.alarms.reset();  // it did not say
  pack.pass(10);
  CHECK(pack.heard() == "");
  pack.reading.alarms.emplace();
  pack.pass(10);
  CHECK(pack.heard() == "-cell_overvoltage:alarm@2 ");
  CHECK(pack.last.alert.text.find("the BMS no longer reports cell overvoltage; it stood since 2026-11-25") !=
        std::string::npos);
}

TEST_CASE("BMS: a warning that becomes an alarm is one alert that rises") {
  ScriptedPack pack;
  pack.reading.warnings->push_back(Alarm::mos_overtemperature);
  pack.pass(4);
  CHECK(pack.heard() == "+mos_overtemperature:warn ");
  pack.reading.alarms->push_back(Alarm::mos_overtemperature);
  pack.pass(4);
  CHECK(pack.heard() == "+mos_overtemperature:alarm ");
  CHECK(pack.alerts.standing().size() == 1);
  pack.reading.alarms->clear(), pack.reading.warnings->clear();
  pack.pass(4);
  CHECK(pack.heard() == "-mos_overtemperature:warn ");
}

TEST_CASE("BMS: every alarm has sentences that fit") {
  for (std::size_t i = 0; i < alarm_names.size(); ++i) {
    ScriptedPack pack;
    pack.reading.alarms->push_back(static_cast<Alarm>(i));
    pack.read();
    CHECK(pack.heard().starts_with("+" + std::string(alarm_names[i]) + ":alarm"));
    CHECK(pack.last.alert.advice.size() > 10);
    CHECK(kind_named(alarm_names[i]) == kind_of(static_cast<Alarm>(i)));
  }
}

TEST_CASE("near OVP: within 30 mV for 5 s, until 60 mV away") {
  ScriptedPack pack;
  pack.cells(Gate::mid, 0, 3.620);
  pack.read();
  pack.pass(10);
  CHECK(pack.heard() == "");
  pack.cells(Gate::mid, 0, 3.621);
  pack.pass(2);
  pack.pass(4);
  CHECK(pack.heard() == "");
  pack.pass(1);
  CHECK(pack.heard() == "+cell_near_ovp:warn@1 ");
  CHECK(pack.last.alert.text.find(
            "cell 1 reads 3.621 V at 20.0 A, since 2026-11-25 00:00 UTC: 29 mV below the 3.650 V") !=
        std::string::npos);
  pack.cells(Gate::mid, 0, 3.590);
  pack.pass(60);
  CHECK(pack.heard() == "");
  pack.cells(Gate::mid, 0, 3.589);
  pack.pass(8);
  CHECK(pack.heard() == "-cell_near_ovp:warn@1 ");
  CHECK(pack.last.alert.text ==
        "house-1: cell 1 reads 3.589 V, no longer near the 3.650 V at which the BMS ends the charge; it stood since "
        "2026-11-25 00:00 UTC");
}

TEST_CASE("near OVP: a current that is not known is not said") {
  ScriptedPack pack;
  pack.reading.current_a.reset();
  pack.cells(Gate::none, 0, 3.640);
  pack.pass(10);
  CHECK(pack.heard() == "+cell_near_ovp:warn@1 ");
  CHECK(pack.last.alert.text.find("cell 1 reads 3.640 V, since") != std::string::npos);
}

TEST_CASE("near UVP: within 150 mV for 5 s, until 250 mV away; without a limit nothing is judged") {
  ScriptedPack pack;
  pack.limits.cell_uvp_v.reset();
  pack.cells(Gate::mid, 0, 2.6);
  pack.pass(60);
  CHECK(pack.heard() == "");
  pack.limits.cell_uvp_v = 2.5;
  pack.pass(10);
  CHECK(pack.heard() == "+cell_near_uvp:warn@1 ");
  pack.cells(Gate::mid, 0, 2.75);
  pack.pass(60);
  CHECK(pack.heard() == "");
  pack.cells(Gate::mid, 0, 2.751);
  pack.pass(10);
  CHECK(pack.heard() == "-cell_near_uvp:warn@1 ");
}

TEST_CASE("implausible: one alert for each cell without a voltage") {
  ScriptedPack pack;
  pack.pass(4);
  pack.reading.cells_v[1].reset(), pack.reading.cells_v[3].reset();
  pack.pass(4);
  CHECK(pack.heard() == "+implausible_cell:alarm@2 +implausible_cell:alarm@4 ");
  CHECK_FALSE(pack.last.alert.value);
  pack.reading.cells_v[1] = 3.3;
  pack.pass(4);
  CHECK(pack.heard() == "-implausible_cell:alarm@2 ");
  CHECK(pack.alerts.standing().size() == 1);
}

TEST_CASE("offline: at once when it was there, after a minute when it was never heard, cleared when back") {
  ScriptedPack pack;
  pack.alerts.on_status(false, "not heard yet", 0, pack.utc());
  pack.alerts.on_tick(59, pack.utc());
  CHECK_FALSE(pack.alerts.has_events());
  pack.alerts.on_tick(60, pack.utc());
  auto events = pack.alerts.take_events();
  REQUIRE(events.size() == 1);
  CHECK(events[0].alert.kind == AlertKind::pack_offline);
  CHECK(events[0].alert.text.find("not heard yet") != std::string::npos);
  pack.alerts.on_status(true, "", 70, pack.utc());
  events = pack.alerts.take_events();
  REQUIRE(events.size() == 1);
  CHECK_FALSE(events[0].raised);
  pack.alerts.on_status(false, "no answer from /dev/ttyUSB0", 80, pack.utc());
  events = pack.alerts.take_events();
  REQUIRE(events.size() == 1);
  CHECK(events[0].raised);
  CHECK(to_json(events[0])["alarm"] == "pack_offline");
  CHECK(to_json(events[0])["event_type"] == "alarm_raised");
  CHECK(to_json(events[0])["cell"].is_null());
}
