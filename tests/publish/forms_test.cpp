// From one form of discovery to another, and to none, on a real broker that remembers.
#include <doctest/doctest.h>

#include "tests/publish/world.h"

using namespace cellwarden;
using namespace cellwarden::test;
using Form = HomeAssistantConfig::Discovery;

namespace {

const std::string device = "homeassistant/device/cellwarden_house-1/config";
const std::string service_device = "homeassistant/device/cellwarden__service/config";
const std::string single = "homeassistant/sensor/cellwarden_house-1/pack_v/config";
const std::string last_single = "homeassistant/binary_sensor/cellwarden_house-1/link/config";
const std::string service_single = "homeassistant/binary_sensor/cellwarden__service/running/config";

/// The service starts in another form; the broker still holds what it said in the last one.
void restart_as(World& world, Form form) {
  world.publisher->stop();
  REQUIRE(world.until([&] { return world.seen("cellwarden/status") == "offline"; }));  // all before it was seen too
  world.home_assistant.discovery = form;
  world.order.clear();
  world.open();
}

bool announced_as_device(World& world) {
  return world.until([&] {
    return world.json(device)["cmps"].contains("pack_v") && world.json(service_device)["cmps"].contains("running") &&
           world.settled();
  });
}
bool announced_as_singles(World& world) {
  return world.until([&] {
    return world.json(single).contains("uniq_id") && world.json(last_single).contains("uniq_id") &&
           world.json(service_single).contains("uniq_id") && world.settled();
  });
}

}  // namespace

TEST_CASE("publisher: from device to single components and back, each time with nothing left of the other form") {
  World world;
  world.broker.start();
  world.open();
  world.hear("house-1");
  REQUIRE(announced_as_device(world));
  const auto unique_id = world.json(device)["cmps"]["pack_v"]["uniq_id"];

  restart_as(world, Form::single);
  REQUIRE(world.until([&] { return world.emptied(device) && world.emptied(service_device); }));
  REQUIRE(announced_as_singles(world));
  CHECK(world.json(single)["uniq_id"] == unique_id);
  CHECK(world.said(device, "migrate_discovery"));  // so that Home Assistant keeps the history
  CHECK(world.before(device + " {\"migrate_discovery\"", device + " "));

  restart_as(world, Form::device);
  REQUIRE(world.until(
      [&] { return world.emptied(single) && world.emptied(last_single) && world.emptied(service_single); }));
  REQUIRE(announced_as_device(world));
  CHECK(world.json(device)["cmps"]["pack_v"]["uniq_id"] == unique_id);
  CHECK(world.said(single, "migrate_discovery"));
}

TEST_CASE("publisher: with discovery off nothing is announced and what was announced in either form is cleared") {
  for (const Form form : {Form::device, Form::single}) {
    CAPTURE(static_cast<int>(form));
    World world;
    world.broker.start();
    world.home_assistant.discovery = form;
    world.open();
    world.hear("house-1");
    REQUIRE((form == Form::device ? announced_as_device(world) : announced_as_singles(world)));
    const std::string foreign = "homeassistant/device/other_house/config";
    world.watcher->publish(foreign, R"({"stat_t":"other/house/state","cmps":{}})", true, 1);
    REQUIRE(world.until([&] { return !world.seen(foreign).empty(); }));

    restart_as(world, Form::off);
    const auto cleared =
        form == Form::device ? std::vector{device, service_device} : std::vector{single, last_single, service_single};
    for (const auto& topic : cleared) {
      CAPTURE(topic);
      CHECK(world.until([&] { return world.emptied(topic); }));
    }
    world.hear("house-1", 1);
    CHECK(world.until([&] { return world.seen("cellwarden/house-1/status") == "online"; }));
    CHECK(world.json("cellwarden/house-1/state")["pack_v"] == 13.26);
    CHECK_FALSE(world.seen(foreign).empty());
    for (const auto& line : world.order) {
      CAPTURE(line);
      CHECK((!line.starts_with("homeassistant/") || line.starts_with(foreign) || line.ends_with("/config ")));
    }
  }
}
