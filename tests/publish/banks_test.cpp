// A bank on a real broker, and as a device of Home Assistant.
#include <doctest/doctest.h>

#include "daemon/publish/discovery.h"
#include "daemon/publish/messages.h"
#include "tests/publish/discovery_rules.h"
#include "tests/publish/world.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

const BankSettings house{"house", "House", {"house-1", "house-2"}, Joined::parallel};
const std::string device = "homeassistant/device/cellwarden_house/config";

BankState a_state(double steady_s = 0) {
  BankState bank;
  bank.steady_s = steady_s;
  bank.packs = house.packs, bank.members = bank.fresh_members = 2;
  bank.pack_v = 13.26, bank.pack_v_spread_v = 0.02, bank.current_a = -12.5, bank.power_w = -165.8, bank.soc_pct = 65.4;
  bank.remaining_ah = bank.usable_now_ah = 260.0, bank.headroom_ah = bank.chargeable_now_ah = 140.0;
  bank.installed_ah = 400.0;
  bank.charge_on = bank.discharge_on = true;
  bank.cell_max_v = 3.32, bank.cell_max_pack = "house-1", bank.cell_max_n = 3;
  bank.cell_min_v = 3.31, bank.cell_min_pack = "house-2", bank.cell_min_n = 1, bank.cell_delta_mv = 10;
  bank.first_full_pack = "house-1", bank.first_full_cell = 3, bank.charge_verdict = ChargeVerdict::bms;
  bank.charge_margin_mv = -90, bank.minutes_to_stop = 2.6, bank.v_pack_at_first_cell_limit = 14.1;
  bank.advice = "house-1: its BMS ends its charge first.", bank.problem = "Not heard: nobody.";
  bank.limits.charge_ocp_a = 80;
  return bank;
}

BankState with_one_lost(double steady_s) {
  BankState bank = a_state(steady_s);
  bank.stale_packs = {"house-2"}, bank.fresh_members = 1;
  bank.current_a.reset(), bank.power_w.reset();
  return bank;
}

struct BankWorld : World {
  BankWorld() {
    packs.push_back(pack("house-2"));
    banks = {house};
    mqtt.publish_min = Seconds(5), mqtt.publish_max = Seconds(60);
    broker.start();
    open();
  }
  Json state() const { return json("cellwarden/house/state"); }
};

}  // namespace

TEST_CASE("a bank's device has nothing Home Assistant refuses, in both forms") {
  using Form = HomeAssistantConfig::Discovery;
  const Topics topics{"cellwarden"};
  HomeAssistantConfig config;
  const Discovery discovery(topics, config);
  const std::map<std::string, std::string> published{{topics.status(), "online"},
                                                     {topics.status("house"), "online"},
                                                     {topics.state("house"), bank_state_message(a_state())}};
  const auto messages = discovery.bank(house);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].topic == device);
  const auto json = Json::parse(messages[0].payload);
  for (const auto& [key, value] : json.items()) CHECK(device_top.contains(key));
  for (const auto& [key, value] : json["dev"].items()) CHECK(dev_keys.contains(key));
  CHECK(json["dev"]["name"] == "House");
  CHECK(json["dev"]["mdl"] == "2 packs in parallel");
  CHECK(json["dev"]["via_device"] == Json::parse(discovery.service()[0].payload)["dev"]["ids"][0]);
  CHECK(json["avty"] == Json::parse(R"([{"t":"cellwarden/status"},{"t":"cellwarden/house/status"}])"));
  CHECK(json["cmps"]["link"]["avty"] == Json::parse(R"([{"t":"cellwarden/status"}])"));
  CHECK_FALSE(json["cmps"].contains("events"));
  CHECK(json["cmps"]["soc_pct"]["dev_cla"] == "battery");

  config.discovery = Form::single;
  DiscoveryRules whole(published), singles(published);
  for (const auto& message : Discovery(topics, config).bank(house))
    singles.entity(message.components.begin()->second, Json::parse(message.payload));
  for (const auto& [key, component] : json["cmps"].items()) {
    Json entity = component;
    for (const auto* shared : {"stat_t", "avty", "avty_mode"})
      if (!entity.contains(shared)) entity[shared] = json[shared];
    entity.erase("p");
    whole.entity(component["p"], entity);
  }
}

TEST_CASE("publisher: a bank is announced, online while one of its packs is, and its limits are told") {
  BankWorld world;
  world.publisher->on_bank("house", BankState{});
  REQUIRE(world.until([&] { return world.seen("cellwarden/house/status") == "offline" && world.settled(); }));
  world.order.clear();
  world.publisher->on_bank("house", a_state());
  REQUIRE(world.until([&] { return world.seen("cellwarden/house/status") == "online"; }));
  CHECK(world.before("cellwarden/house/state {", "cellwarden/house/status online"));
  CHECK(world.json(device)["cmps"].contains("first_full_pack"));
  CHECK(world.state()["pack_v"] == 13.26);
  CHECK(world.state()["cell_max_pack"] == "house-1");
  CHECK_FALSE(world.state().contains("cell_ovp_v"));
  const Json info = world.json("cellwarden/house/info");
  CHECK(info["charge_ocp_a"] == 80);
  CHECK(info["cell_ovp_v"].is_null());
  CHECK(info["packs"] == Json{"house-1", "house-2"});

  world.publisher->on_bank("house", with_one_lost(1));
  REQUIRE(world.until([&] { return world.state()["fresh_members"] == 1; }));  // at once
  CHECK(world.state()["current_a"].is_null());
  CHECK(world.state()["stale_packs"] == Json{"house-2"});
  CHECK(world.seen("cellwarden/house/status") == "online");
  world.publisher->on_bank("house", BankState{});
  CHECK(world.until([&] { return world.seen("cellwarden/house/status") == "offline"; }));
  world.publisher->on_bank("stranger", a_state());
  world.publisher->on_bank("house", a_state(2));
  CHECK(world.until([&] { return world.seen("cellwarden/house/status") == "online"; }));
  CHECK(world.seen("cellwarden/stranger/state").empty());
}

TEST_CASE("publisher: a bank's small moves wait, its verdict does not") {
  BankWorld world;
  world.publisher->on_bank("house", a_state(0));
  REQUIRE(world.until([&] { return world.state()["current_a"] == -12.5 && world.settled(); }));
  BankState moved = a_state(4);
  moved.current_a = 20.0;
  world.publisher->on_bank("house", moved);  // too early
  moved = a_state(4.5);
  moved.first_full_pack = "house-2", moved.current_a = 21.0;
  world.publisher->on_bank("house", moved);
  REQUIRE(world.until([&] { return world.state()["first_full_pack"] == "house-2"; }));
  CHECK_FALSE(world.said("cellwarden/house/state", "\"current_a\":20.0"));
  moved.steady_s = 9.6, moved.current_a = 21.1;
  world.publisher->on_bank("house", moved);  // within the dead band
  moved.steady_s = 9.7, moved.current_a = 22;
  world.publisher->on_bank("house", moved);
  REQUIRE(world.until([&] { return world.state()["current_a"] == 22.0; }));
  CHECK_FALSE(world.said("cellwarden/house/state", "\"current_a\":21.1"));
}

TEST_CASE("publisher: a bank that is no longer configured leaves the broker, its packs stay") {
  BankWorld world;
  world.hear("house-1");
  world.publisher->on_bank("house", a_state());
  REQUIRE(world.until([&] {
    return world.seen("cellwarden/house/status") == "online" && !world.seen("cellwarden/house/info").empty() &&
           world.seen("cellwarden/house-1/status") == "online" && !world.seen(device).empty() && world.settled();
  }));
  SUBCASE("while it runs") { world.publisher->set_packs(world.packs, {}); }
  SUBCASE("at the next start") {
    world.publisher->stop();
    world.banks.clear();
    world.open();
  }
  CHECK(world.until([&] {
    return world.emptied(device) && world.emptied("cellwarden/house/status") &&
           world.emptied("cellwarden/house/state") && world.emptied("cellwarden/house/info");
  }));
  CHECK_FALSE(world.emptied("cellwarden/house-1/info"));
  CHECK_FALSE(world.emptied("homeassistant/device/cellwarden_house-1/config"));
}

TEST_CASE("publisher: a bank that came with another config, and a broker that forgot, are told everything") {
  BankWorld world;
  BankSettings van = house;
  van.id = "van", van.name = "Van";
  world.publisher->on_bank("house", a_state());
  REQUIRE(world.until([&] { return world.seen("cellwarden/house/status") == "online" && world.settled(); }));
  world.publisher->set_packs(world.packs, {house, van});
  world.publisher->on_bank("van", a_state());
  CHECK(world.until([&] {
    return world.seen("cellwarden/van/status") == "online" &&
           !world.seen("homeassistant/device/cellwarden_van/config").empty();
  }));
  world.broker.stop();
  REQUIRE(world.until([&] { return !world.publisher->connected(); }));
  world.forget();
  world.broker.start();
  CHECK(world.until([&] {
    return world.seen("cellwarden/house/status") == "online" && world.state()["soc_pct"] == 65.4 &&
           !world.seen("cellwarden/house/info").empty() && !world.seen(device).empty();
  }));
}
