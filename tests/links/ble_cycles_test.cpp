// Faults at random, one after another, on three packs: each time all of them come back, and nothing is left over.
#include <doctest/doctest.h>

#include <array>
#include <random>

#include "tests/links/ble_world.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

/// All match rules anybody has at the bus.
std::size_t match_rules(const std::string& bus_address) {
  const auto connection = sdbus::createSessionBusConnectionWithAddress(bus_address);
  const auto proxy = sdbus::createProxy(*connection, "org.freedesktop.DBus", "/org/freedesktop/DBus");
  auto call = proxy->createMethodCall("org.freedesktop.DBus.Debug.Stats", "GetAllMatchRules");
  std::map<std::string, std::vector<std::string>> all;
  auto reply = proxy->callMethod(call);
  reply >> all;
  std::size_t count = 0;
  for (const auto& [who, rules] : all) count += rules.size();
  return count;
}

struct Pack {
  FakeBluez::Device* device;
  std::unique_ptr<ble::BlePort> port;
};

/// As PackSession would: asks, and where that fails connects, until it is answered.
bool comes_back(BleWorld& world, Pack& pack) {
  for (int tries = 0; tries < 40; ++tries) {
    if (!pack.port->is_open() && world.open(*pack.port) != "") continue;
    Buffer answer;
    const std::string said = world.ask(*pack.port, {0xDD, 0xA5}, answer, 2s);
    if (said == "") {
      pack.port->heard();
      return true;
    }
    if (said == "timeout") pack.port->unheard();
  }
  return false;
}

void harm(BleWorld& world, Pack& pack, std::mt19937& random) {
  auto& device = *pack.device;
  auto& bluez = world.bluez;
  switch (random() % 12) {
    case 0:
      return bluez.drop(device, true);
    case 1:
      return bluez.drop(device, false);
    case 2:
      bluez.drop(device, random() % 2 == 0);
      return bluez.forget(device);
    case 3:
      device.connect_in_progress = static_cast<int>(random() % 4);
      return bluez.drop(device);
    case 4:
      device.write_in_progress = 2;
      return;
    case 5:
      device.disconnect_takes = std::chrono::milliseconds(random() % 20);
      return pack.port->close();
    case 6:
      device.tells_connected = random() % 2;
      device.tells_resolved = random() % 2;
      return bluez.drop(device);
    case 7:
      device.offers_acquire = random() % 2;
      bluez.drop(device);
      return bluez.forget(device);
    case 8:
      bluez.unplug("hci0");
      return bluez.plug("hci0");
    case 9:
      bluez.die();
      world.io.restart();
      world.io.poll();
      return bluez.come_back();
    case 10:
      pack.port->let_go();
      return;
    default:
      pack.port->unheard();
      return pack.port->unheard();
  }
}

}  // namespace

TEST_CASE("ble: 200 faults at random leave no pack behind and nothing else") {
  BleWorld world;
  std::mt19937 random(20260101);
  std::array<Pack, 3> packs;
  for (std::size_t i = 0; i < packs.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    packs[i].device = &world.bluez.device("AA:00:00:00:00:0" + number, "BMS-" + number);
    packs[i].port = world.port("AA:00:00:00:00:0" + number);
    packs[i].port->heard();
    REQUIRE(comes_back(world, packs[i]));
  }
  for (Pack& pack : packs) REQUIRE(comes_back(world, pack));
  const std::size_t descriptors = open_descriptors(), rules = match_rules(world.bus.address);
  CHECK(rules > 0);
  for (int cycle = 0; cycle < 200; ++cycle) {
    CAPTURE(cycle);
    harm(world, packs[random() % packs.size()], random);
    for (Pack& pack : packs) REQUIRE(comes_back(world, pack));
  }
  // Fewer where the last link of one is without a socket of its own.
  CHECK(open_descriptors() <= descriptors);
  CHECK(match_rules(world.bus.address) == rules);
  CHECK(world.bluez.most_connecting_at_once == 1);
  CHECK_FALSE(world.bluez.was_discovering_at_connect);
}
