// Insight and alerts against a real mosquitto.
#include <doctest/doctest.h>

#include "daemon/alerts/alert.h"
#include "daemon/analysis/insight.h"
#include "tests/publish/world.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

const std::string device = "homeassistant/device/cellwarden_house-1/config", base = "cellwarden/house-1/";

Insight an_insight(double usable_ah, std::optional<ChargeVerdict> verdict = {}) {
  Insight insight;
  insight.usable_ah = Output<double>::known(usable_ah);
  if (verdict) insight.charge_verdict = Output<ChargeVerdict>::known(*verdict);
  return insight;
}
Alert an_alert(AlertKind kind) {
  Alert alert;
  alert.kind = kind, alert.level = Level::warn, alert.pack = "house-1", alert.text = "house-1: text";
  return alert;
}
void hear(World& world, double steady_s, const Insight& insight) {
  world.publisher->on_reading("house-1", a_reading(steady_s), {});
  world.publisher->on_insight("house-1", insight);
}

}  // namespace

TEST_CASE("insight: at most once a minute, a verdict that changes at once") {
  World world;
  world.broker.start();
  world.open();
  world.hear("house-1", 0);
  REQUIRE(world.until([&] { return world.seen(base + "status") == "online"; }));
  hear(world, 1, an_insight(1));
  hear(world, 30, an_insight(2));
  hear(world, 60, an_insight(3));
  hear(world, 61, an_insight(4));
  hear(world, 62, an_insight(5, ChargeVerdict::bms));
  hear(world, 121, an_insight(6, ChargeVerdict::bms));
  hear(world, 122, an_insight(7, ChargeVerdict::bms));
  REQUIRE(world.until([&] { return world.json(base + "insight")["usable_ah"] == 7; }));
  CHECK(world.json(base + "insight")["charge_verdict"] == "bms");
  CHECK(world.json(base + "insight")["reason"].contains("charge_margin_mv"));
  std::string told;
  for (const auto& line : world.order)
    if (line.starts_with(base + "insight "))
      told += Json::parse(line.substr(base.size() + 8))["usable_ah"].dump() + " ";
  CHECK(told == "1.0 4.0 5.0 7.0 ");
}

TEST_CASE("insight: an output has its entity once it is known, and keeps it over a restart") {
  World world;
  world.broker.start();
  world.open();
  world.hear("house-1", 0);
  REQUIRE(world.until([&] { return world.json(device)["cmps"].contains("pack_v") && world.settled(); }));
  CHECK_FALSE(world.json(device)["cmps"].contains("usable_ah"));
  hear(world, 1, an_insight(250));
  REQUIRE(world.until([&] { return world.json(device)["cmps"].contains("usable_ah"); }));
  CHECK(world.json(device)["cmps"]["usable_ah"]["stat_t"] == base + "insight");
  CHECK_FALSE(world.json(device)["cmps"].contains("charge_verdict"));
  world.publisher->stop();
  world.open();
  world.forget();
  CHECK(world.until([&] { return world.json(device)["cmps"].contains("usable_ah"); }));
}

TEST_CASE("insight and alerts: a broker that forgot everything is told both again") {
  World world;
  world.broker.start();
  world.open();
  world.hear("house-1", 0);
  hear(world, 1, an_insight(250));
  world.publisher->on_alerts("house-1", {an_alert(AlertKind::cell_near_ovp)}, {});
  REQUIRE(world.until([&] { return !world.seen(base + "insight").empty() && !world.seen(base + "alerts").empty(); }));
  world.broker.stop();
  REQUIRE(world.until([&] { return !world.publisher->connected(); }));
  world.forget();
  world.broker.start();
  CHECK(world.until([&] {
    return world.json(base + "insight")["usable_ah"] == 250 && world.said(base + "alerts", "cell_near_ovp");
  }));
}

TEST_CASE("alerts: raised and cleared go out as event, list and switch; what stood before is no event") {
  World world;
  world.broker.start();
  world.open();
  const auto ovp = an_alert(AlertKind::cell_near_ovp), audit = an_alert(AlertKind::limit_audit);
  world.publisher->on_alerts("house-1", {audit}, {});
  world.hear("house-1", 0);
  REQUIRE(world.until([&] { return world.json(base + "state")["alert_limit_audit"] == true; }));
  CHECK(world.json(base + "state")["alert_cell_near_ovp"] == false);
  REQUIRE(world.until([&] { return world.json(device)["cmps"].contains("alert_cell_near_ovp"); }));
  CHECK_FALSE(world.json(device)["cmps"].contains("alert_cell_delta"));

  world.publisher->on_alerts("house-1", {audit, ovp}, {{true, ovp}});
  REQUIRE(world.until([&] { return world.json(base + "state")["alert_cell_near_ovp"] == true; }));
  CHECK(world.json(base + "event")["event_type"] == "alarm_raised");
  CHECK(world.json(base + "event")["alarm"] == "cell_near_ovp");
  CHECK(Json::parse(world.seen(base + "alerts")).size() == 2);
  CHECK_FALSE(world.said(base + "event", "limit_audit"));

  world.publisher->on_alerts("house-1", {audit}, {{false, ovp}});
  REQUIRE(world.until([&] { return world.json(base + "state")["alert_cell_near_ovp"] == false; }));
  CHECK(world.json(base + "event")["event_type"] == "alarm_cleared");
  CHECK(Json::parse(world.seen(base + "alerts")).size() == 1);
}

TEST_CASE("alerts: of a pack that is away its last values are not published again") {
  World world;
  world.broker.start();
  world.open();
  world.publisher->on_alerts("house-1", {}, {});
  world.hear("house-1", 0);
  REQUIRE(world.until([&] { return world.seen(base + "status") == "online" && world.said(base + "state", ""); }));
  world.order.clear();
  world.publisher->on_status("house-1", false, "no answer");
  // Its last reading goes out once more, so that when it was heard last is right from now on.
  REQUIRE(world.until([&] { return world.seen(base + "status") == "offline" && world.said(base + "state", ""); }));
  world.order.clear();
  const auto offline = an_alert(AlertKind::pack_offline);
  world.publisher->on_alerts("house-1", {offline}, {{true, offline}});
  REQUIRE(world.until([&] { return world.said(base + "event", "pack_offline"); }));
  CHECK_FALSE(world.said(base + "state", ""));
  CHECK(world.said(base + "alerts", "pack_offline"));
}

TEST_CASE("insight and alerts of a pack that is no longer configured leave the broker") {
  World world;
  world.broker.start();
  world.packs.push_back(world.pack("old"));
  world.open();
  world.hear("old");
  world.publisher->on_insight("old", an_insight(1));
  world.publisher->on_alerts("old", {}, {});
  REQUIRE(world.until([&] { return !world.seen("cellwarden/old/insight").empty() && world.settled(); }));
  world.publisher->stop();
  world.packs.pop_back();
  world.open();
  CHECK(world.until([&] { return world.emptied("cellwarden/old/insight") && world.emptied("cellwarden/old/alerts"); }));
}
