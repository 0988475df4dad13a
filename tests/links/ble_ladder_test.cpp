// What is tried when a pack in sight does not speak.
#include "daemon/links/ble_ladder.h"

#include <doctest/doctest.h>

#include "tests/links/ble_world.h"

using namespace cellwarden;
using namespace cellwarden::test;
using ble::Rung;

namespace {

constexpr const char* a = "AA:00:00:00:00:01";
constexpr const char* b = "AA:00:00:00:00:02";

/// A conversation that ends in silence, as PackSession has it.
void fall_silent(BleWorld& world, ble::BlePort& port) {
  if (!port.is_open()) REQUIRE(world.open(port) == "");
  Buffer answer;
  REQUIRE(world.ask(port, {1}, answer, 1ms) == "timeout");
  port.unheard();
}

}  // namespace

TEST_CASE("ladder: from mild to harsh, then at widening distance, and back to the ground by a good frame") {
  ble::Ladder ladder;
  const std::vector<Rung> rungs{Rung::ask_again,     Rung::reconnect, Rung::reconnect,
                                Rung::remove_device, Rung::reconnect, Rung::power_cycle};
  for (const Rung rung : rungs) {
    ladder.failed();
    CHECK(ladder.rung() == rung);
  }
  int removals = 0, cycles = 0;
  for (int failures = 7; failures <= 606; ++failures) {
    ladder.failed();
    removals += ladder.rung() == Rung::remove_device;
    cycles += ladder.rung() == Rung::power_cycle;
  }
  CHECK(removals == 50);
  CHECK(cycles == 10);
  ladder.good_frame();
  CHECK(ladder.rung() == Rung::ask_again);
}

TEST_CASE("ladder: silence is answered by a new link, by forgetting the device, by switching the adapter") {
  BleWorld world;
  auto& bms = world.bluez.device(a, "BMS");
  bms.answer = [](const Buffer&) { return std::vector<Buffer>{}; };
  const auto port = world.port(a);
  for (int times = 0; times < 4; ++times) fall_silent(world, *port);
  CHECK(bms.connects == 3);  // the first silence only asks again
  CHECK(bms.removals == 0);
  fall_silent(world, *port);
  CHECK(bms.removals == 1);
  CHECK(world.bluez.power_cycles == 0);
  fall_silent(world, *port);
  CHECK(world.bluez.power_cycles == 0);
  fall_silent(world, *port);
  CHECK(world.bluez.power_cycles == 1);

  // It speaks again: the next silence is met mildly.
  port->heard();
  REQUIRE((port->is_open() || world.open(*port) == ""));
  const int connects = bms.connects;
  fall_silent(world, *port);
  CHECK(bms.connects == connects);
  CHECK(port->is_open());
}

TEST_CASE("ladder: an adapter is not switched off under a pack that is well, unless the owner says so") {
  for (const auto policy : {ble::BluezSettings::PowerCycle::alone, ble::BluezSettings::PowerCycle::always,
                            ble::BluezSettings::PowerCycle::never}) {
    BleWorld world;
    auto settings = world.settings();
    settings.power_cycle = policy;
    world.changed_settings = settings;
    auto& mute = world.bluez.device(a, "mute");
    mute.answer = [](const Buffer&) { return std::vector<Buffer>{}; };
    auto& well = world.bluez.device(b, "well");
    const auto silent = world.port(a), healthy = world.port(b);
    REQUIRE(world.open(*healthy) == "");
    healthy->heard();
    for (int times = 0; times < 8; ++times) fall_silent(world, *silent);
    const bool always = policy == ble::BluezSettings::PowerCycle::always;
    CHECK(world.bluez.power_cycles == (always ? 1 : 0));
    CHECK(well.connected == !always);
    if (!always) CHECK(world.ask(*healthy) == "");
  }
}

TEST_CASE("ladder: a device that is only away harms nobody") {
  BleWorld world;
  auto settings = world.settings();
  settings.times.sight = 10ms;
  world.changed_settings = settings;
  auto& bms = world.bluez.device(a, "BMS");
  bms.advertises = false;
  const auto port = world.port(a);
  for (int times = 0; times < 8; ++times) CHECK(world.open(*port).find("is not in sight") != std::string::npos);
  CHECK(bms.removals == 0);
  CHECK(world.bluez.power_cycles == 0);
}

TEST_CASE("ladder: a device in sight that cannot be connected to climbs it too, and does not keep others waiting") {
  BleWorld world;
  auto settings = world.settings();
  settings.times.connect = 30ms;
  world.changed_settings = settings;
  auto& bms = world.bluez.device(a, "BMS");
  bms.connect_hangs = true;
  world.bluez.device(b, "other");
  const auto port = world.port(a), other = world.port(b);
  for (int times = 0; times < 5; ++times) CHECK(world.open(*port).find("cannot be connected to") != std::string::npos);
  CHECK(bms.removals == 1);
  CHECK(world.open(*other) == "");
  bms.connect_hangs = false;
  CHECK(world.open(*port) == "");
  CHECK(world.ask(*port) == "");
}
