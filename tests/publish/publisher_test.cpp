// The publisher against a real mosquitto. Nothing sleeps: the loop runs until a condition holds, or a generous guard
// gives up.
#include "daemon/publish/publisher.h"

#include <doctest/doctest.h>

#include "tests/publish/world.h"

using namespace cellwarden;
using namespace cellwarden::test;
using Form = HomeAssistantConfig::Discovery;

TEST_CASE("publisher: everything is announced, in MQTT 3 and 5") {
  for (const int version : {3, 5}) {
    CAPTURE(version);
    World world;
    world.broker.start();
    world.mqtt.version = version;
    world.open();
    world.hear("house-1");
    const std::string device = "homeassistant/device/cellwarden_house-1/config";
    REQUIRE(world.until(
        [&] { return world.seen("cellwarden/house-1/status") == "online" && !world.seen(device).empty(); }));
    CHECK(world.seen("cellwarden/status") == "online");
    CHECK(world.until([&] { return world.json(device)["cmps"].contains("cell_4_v"); }));
    CHECK(world.until([&] { return world.json("cellwarden/house-1/state")["pack_v"] == 13.26; }));
    CHECK(world.json("cellwarden/house-1/info").contains("cell_ovp_v"));
    CHECK_FALSE(world.seen("homeassistant/device/cellwarden__service/config").empty());

    world.publisher->stop();
    CHECK(world.until([&] { return world.seen("cellwarden/status") == "offline"; }));
  }
}

TEST_CASE("publisher: a broker absent at the start is found when it comes") {
  World world;
  world.open();
  CHECK(world.until([&] { return world.logged("does not answer"); }));
  CHECK_FALSE(world.publisher->connected());
  world.broker.start();
  CHECK(world.until([&] { return world.seen("cellwarden/status") == "online"; }));
}

TEST_CASE("publisher: a broker that comes back having forgotten everything is told everything") {
  World world;
  world.broker.start();
  world.open();
  world.hear("house-1");
  REQUIRE(world.until([&] { return world.seen("cellwarden/house-1/status") == "online"; }));
  world.broker.stop();
  REQUIRE(world.until([&] { return !world.publisher->connected(); }));
  world.forget();
  world.broker.start();
  CHECK(world.until([&] {
    return world.seen("cellwarden/status") == "online" && world.seen("cellwarden/house-1/status") == "online" &&
           !world.seen("cellwarden/house-1/state").empty() && !world.seen("cellwarden/house-1/info").empty() &&
           !world.seen("homeassistant/device/cellwarden_house-1/config").empty();
  }));
}

TEST_CASE("publisher: Home Assistant's birth message has everything announced again") {
  World world;
  world.broker.start();
  world.open();
  const std::string device = "homeassistant/device/cellwarden_house-1/config";
  REQUIRE(world.until([&] { return !world.seen(device).empty() && world.settled(); }));
  world.forget();
  world.watcher->publish("homeassistant/status", "online", false, 0);
  CHECK(world.until([&] { return !world.seen(device).empty() && world.seen("cellwarden/status") == "online"; }));
}

TEST_CASE("publisher: a pack that is away is offline, and back only with a reading") {
  World world;
  world.broker.start();
  world.open();
  world.hear("house-1", 0);
  REQUIRE(world.until([&] { return world.seen("cellwarden/house-1/status") == "online"; }));
  world.publisher->on_status("house-1", false, "no answer");
  REQUIRE(world.until([&] { return world.seen("cellwarden/house-1/status") == "offline"; }));
  world.order.clear();
  world.publisher->on_status("house-1", true, "");
  world.publisher->on_reading("house-1", a_reading(1), {});
  REQUIRE(world.until([&] { return world.seen("cellwarden/house-1/status") == "online"; }));
  CHECK(world.before("cellwarden/house-1/state {", "cellwarden/house-1/status online"));
}

TEST_CASE("publisher: a pack that is away is told with its last reading, published before or not") {
  World world;
  world.broker.start();
  world.open();
  const std::string state = "cellwarden/house-1/state";
  REQUIRE(world.until([&] { return world.settled(); }));  // what is told at every connect is told
  world.hear("house-1", 0);
  REQUIRE(world.until([&] { return world.seen("cellwarden/house-1/status") == "online"; }));
  auto last = a_reading(2);  // nothing moved: not published
  *last.taken_at += 2s;
  world.publisher->on_reading("house-1", last, {});
  world.order.clear();
  world.publisher->on_status("house-1", false, "no answer");
  world.publisher->on_status("house-1", false, "the link dropped");
  REQUIRE(world.until([&] { return world.json(state)["taken_at"] == "2023-11-14T22:13:22.123Z"; }));
  CHECK(world.before("cellwarden/house-1/status offline", state + " {"));
  world.hear("house-1", 3);
  REQUIRE(world.until([&] { return world.seen("cellwarden/house-1/status") == "online"; }));
  CHECK(std::ranges::count_if(world.order, [&](const auto& line) { return line.starts_with(state); }) == 2);
}

TEST_CASE("publisher: an alarm of the BMS is in the state at once") {
  World world;
  world.broker.start();
  world.open();
  world.hear("house-1", 0);
  REQUIRE(world.until([&] { return world.seen("cellwarden/house-1/status") == "online"; }));
  auto alarmed = a_reading(0.1);
  alarmed.alarms->push_back(Alarm::cell_overvoltage);
  world.publisher->on_reading("house-1", alarmed, {});
  CHECK(world.until([&] { return world.json("cellwarden/house-1/state")["alarms"] == Json{"cell_overvoltage"}; }));
}

TEST_CASE("publisher: energy has its entities once it is known, and is no reason to publish more often") {
  World world;
  world.broker.start();
  world.open();
  const std::string device = "homeassistant/device/cellwarden_house-1/config", state = "cellwarden/house-1/state";
  world.hear("house-1", 0);
  REQUIRE(world.until([&] { return world.json(device)["cmps"].contains("pack_v") && world.settled(); }));
  CHECK_FALSE(world.json(device)["cmps"].contains("charged_kwh"));
  REQUIRE(world.until([&] { return world.json(state).contains("charged_kwh"); }));
  CHECK(world.json(state)["charged_kwh"].is_null());

  world.publisher->on_energy("house-1", {5, 7});
  world.publisher->on_reading("house-1", a_reading(10), {});
  REQUIRE(world.until([&] { return world.json(device)["cmps"].contains("discharged_kwh"); }));
  REQUIRE(world.until([&] { return world.json(state)["discharged_kwh"] == 7; }));

  world.order.clear();
  world.publisher->on_energy("house-1", {6, 8});
  world.publisher->on_reading("house-1", a_reading(20), {});
  auto alarmed = a_reading(21);
  alarmed.alarms->push_back(Alarm::cell_overvoltage);
  world.publisher->on_energy("house-1", {7, 9});
  world.publisher->on_reading("house-1", alarmed, {});
  REQUIRE(world.until([&] { return world.json(state)["charged_kwh"] == 7; }));
  CHECK_FALSE(world.said(state, "\"charged_kwh\":6"));
}

TEST_CASE("publisher: what was ours and is no longer configured is emptied, what is others' stays") {
  World world;
  world.broker.start();
  world.packs.push_back(world.pack("old"));
  world.open();
  world.hear("house-1"), world.hear("old");
  REQUIRE(world.until([&] { return world.seen("cellwarden/old/status") == "online" && world.settled(); }));
  const std::string foreign = "homeassistant/device/cellwarden_2_house/config";
  world.watcher->publish(foreign, R"({"stat_t":"cellwarden_2/house/state","cmps":{}})", true, 1);
  REQUIRE(world.until([&] { return !world.seen(foreign).empty(); }));
  world.publisher->stop();

  world.packs.pop_back();
  world.open();
  CHECK(world.until([&] {
    return world.emptied("homeassistant/device/cellwarden_old/config") && world.emptied("cellwarden/old/status") &&
           world.emptied("cellwarden/old/state") && world.emptied("cellwarden/old/info");
  }));
  CHECK_FALSE(world.emptied(foreign));
  CHECK_FALSE(world.emptied("homeassistant/device/cellwarden_house-1/config"));
  // Its shape was remembered: not heard since the start, it still has its cells.
  CHECK(world.json("homeassistant/device/cellwarden_house-1/config")["cmps"].contains("cell_4_v"));
}

TEST_CASE("publisher: a cell that is gone is named for removal, then left out") {
  World world;
  world.broker.start();
  world.open();
  world.hear("house-1", 0);
  const std::string device = "homeassistant/device/cellwarden_house-1/config";
  REQUIRE(world.until([&] { return world.json(device)["cmps"].contains("cell_4_v") && world.settled(); }));
  auto smaller = a_reading(1);
  smaller.cells_v.pop_back();
  world.order.clear();
  world.publisher->on_reading("house-1", smaller, {});
  CHECK(world.until([&] { return !world.json(device)["cmps"].contains("cell_4_v"); }));
  CHECK(world.said(device, R"("cell_4_v":{"p":"sensor"})"));
}

TEST_CASE("publisher: from single components to a device and nothing of the old form stays") {
  World world;
  world.broker.start();
  world.home_assistant.discovery = Form::single;
  world.open();
  world.hear("house-1");
  const std::string single = "homeassistant/sensor/cellwarden_house-1/pack_v/config";
  REQUIRE(world.until([&] { return !world.seen(single).empty() && world.settled(); }));
  world.publisher->stop();
  world.home_assistant.discovery = Form::device;
  world.open();
  CHECK(world.until([&] { return world.emptied(single); }));
  CHECK(world.said(single, "migrate_discovery"));
  CHECK(world.json("homeassistant/device/cellwarden_house-1/config")["cmps"].contains("pack_v"));
}

TEST_CASE("publisher: what a radio link counts is told of packs on the radio, and of no others") {
  World world;
  world.packs.push_back(World::pack("van"));
  world.packs.back().link = {LinkAddress::Kind::ble, "AA:00:00:00:00:01"};
  world.broker.start();
  world.open();
  REQUIRE(world.until([&] { return world.settled(); }));
  Counters counters;
  counters.link = {.connects = 3, .drops = 2, .rssi_dbm = -64};
  world.hear("house-1", 0, counters);
  world.hear("van", 0, counters);
  const auto components = [&](const std::string& id) {
    return world.json("homeassistant/device/cellwarden_" + id + "/config")["cmps"];
  };
  REQUIRE(world.until(
      [&] { return components("van").contains("cell_4_v") && components("house-1").contains("cell_4_v"); }));
  CHECK(components("van").contains("link_rssi_dbm"));
  CHECK_FALSE(components("house-1").contains("link_rssi_dbm"));
  CHECK_FALSE(components("house-1").contains("link_connects"));
  REQUIRE(world.until([&] {
    return world.json("cellwarden/van/state").contains("link_drops") &&
           world.json("cellwarden/house-1/state").contains("link_drops");
  }));
  CHECK(world.json("cellwarden/van/state")["link_rssi_dbm"] == -64);
  CHECK(world.json("cellwarden/van/state")["link_connects"] == 3);
  CHECK(world.json("cellwarden/van/state")["link_drops"] == 2);
  CHECK(world.json("cellwarden/house-1/state")["link_connects"].is_null());

  // The same pack, now on a wire.
  world.packs.back().link = {LinkAddress::Kind::serial, "/dev/ttyUSB0"};
  world.publisher->set_packs(world.packs, {});
  world.hear("van", 1, counters);
  CHECK(world.until(
      [&] { return components("van").contains("cell_4_v") && !components("van").contains("link_rssi_dbm"); }));
}
