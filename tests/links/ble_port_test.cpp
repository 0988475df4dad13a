// BlePort on a fake bluetoothd: how a link begins, lives and ends.
#include <doctest/doctest.h>

#include "tests/links/ble_world.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

constexpr const char* a = "AA:00:00:00:00:01";
constexpr const char* b = "AA:00:00:00:00:02";

}  // namespace

TEST_CASE("ble: found, connected, asked and answered, by address and by name") {
  for (const char* wanted : {a, "BMS-1"}) {
    for (const bool acquires : {true, false}) {
      CAPTURE(wanted);
      CAPTURE(acquires);
      BleWorld world;
      auto& bms = world.bluez.device(a, "BMS-1");
      bms.offers_acquire = acquires;
      world.bluez.device(b, "BMS-2");
      const auto port = world.port(wanted);
      if (acquires) port->heard();
      CHECK_FALSE(port->is_open());
      REQUIRE(world.open(*port) == "");
      CHECK(port->is_open());
      CHECK(world.ask(*port) == "");
      CHECK(world.ask(*port) == "");
      CHECK(bms.connects == 1);
      CHECK(bms.write_types == std::vector<std::string>{"command", "command"});
      CHECK_FALSE(world.bluez.was_discovering_at_connect);
      CHECK_FALSE(world.bluez.discovering);
      CHECK(port->counters().connects == 1);
      CHECK(port->counters().rssi_dbm == -60);
    }
  }
}

TEST_CASE("ble: the first link to a board is told by the bus, later ones by a socket") {
  BleWorld world;
  auto& bms = world.bluez.device(a, "BMS");
  const auto port = world.port(a);
  REQUIRE(world.open(*port) == "");
  CHECK(bms.acquired == 0);
  CHECK(world.ask(*port) == "");
  port->heard();
  port->close();
  REQUIRE(world.open(*port) == "");
  CHECK(bms.acquired == 1);
  CHECK(world.ask(*port) == "");
}

TEST_CASE("ble: one UUID for both ways is told apart by its properties; only `write` is written with response") {
  BleWorld world;
  auto& bms = world.bluez.device(a, "JK");
  bms.service = "ffe0";
  bms.characteristics = {{"ffe1", {"notify"}}, {"ffe1", {"write"}}};
  const auto port = world.port(a);
  REQUIRE(world.open(*port) == "");
  CHECK(world.ask(*port) == "");
  CHECK(bms.write_types == std::vector<std::string>{"request"});
}

TEST_CASE("ble: each read is one notification, what lay unread is dropped, a long request goes in pieces") {
  BleWorld world;
  auto& bms = world.bluez.device(a, "BMS");
  bms.answer = [](const Buffer& request) {
    return request.size() < 20 ? std::vector<Buffer>{{1, 2}, {3}} : std::vector<Buffer>{};
  };
  const auto port = world.port(a);
  port->heard();
  REQUIRE(world.open(*port) == "");
  world.bluez.notify(bms, {9, 9});
  Buffer answer;
  CHECK(world.ask(*port, Buffer(25, 7), answer) == "");
  CHECK(answer == Buffer{1, 2});
  CHECK(world.run([](ble::BlePort& from, Buffer& into) -> Task<void> {
    into = co_await from.read(std::chrono::steady_clock::now() + 30s);
  }(*port, answer)) == "");
  CHECK(answer == Buffer{3});
  REQUIRE(bms.written.size() == 2);
  CHECK(bms.written[0].size() == 20);
  CHECK(bms.written[1].size() == 5);
}

TEST_CASE("ble: silence is a timeout, and the link stays for one more try") {
  BleWorld world;
  auto& bms = world.bluez.device(a, "BMS");
  bms.answer = [](const Buffer&) { return std::vector<Buffer>{}; };
  const auto port = world.port(a);
  REQUIRE(world.open(*port) == "");
  Buffer answer;
  CHECK(world.ask(*port, {1}, answer, 1ms) == "timeout");
  port->unheard();
  CHECK(port->is_open());
  CHECK(world.ask(*port, {1}, answer, 1ms) == "timeout");
  port->unheard();
  CHECK_FALSE(port->is_open());
}

TEST_CASE("ble: signals that get lost are made up for by asking") {
  BleWorld world;
  auto& bms = world.bluez.device(a, "BMS");
  bms.tells_connected = bms.tells_resolved = false;
  const auto port = world.port(a);
  CHECK(world.open(*port) == "");
  CHECK(world.ask(*port) == "");
}

TEST_CASE("ble: a link that drops is told once, then made anew over stale objects") {
  for (const bool acquires : {true, false}) {
    BleWorld world;
    auto& bms = world.bluez.device(a, "BMS");
    bms.offers_acquire = acquires;
    const auto port = world.port(a);
    if (acquires) port->heard();
    REQUIRE(world.open(*port) == "");
    CHECK(world.ask(*port) == "");
    world.bluez.drop(bms);
    CHECK(world.ask(*port).find("the link dropped") == 0);
    CHECK_FALSE(port->is_open());
    CHECK(port->counters().drops == 1);
    CHECK(world.open(*port) == "");
    CHECK(world.ask(*port) == "");
  }
}

TEST_CASE("ble: a drop that no signal tells is seen by the socket's end, or by the next write") {
  for (const bool acquires : {true, false}) {
    BleWorld world;
    auto& bms = world.bluez.device(a, "BMS");
    bms.offers_acquire = acquires;
    const auto port = world.port(a);
    if (acquires) port->heard();
    REQUIRE(world.open(*port) == "");
    world.bluez.drop(bms, false);
    CHECK(world.ask(*port) != "");
    CHECK_FALSE(port->is_open());
    CHECK(world.open(*port) == "");
    CHECK(world.ask(*port) == "");
  }
}

TEST_CASE("ble: an object that vanishes under a link, or before connecting, is found anew") {
  BleWorld world;
  auto& bms = world.bluez.device(a, "BMS");
  const auto port = world.port(a);
  REQUIRE(world.open(*port) == "");
  world.bluez.drop(bms, false);
  world.bluez.forget(bms);
  CHECK(world.ask(*port) != "");
  CHECK(world.open(*port) == "");
  CHECK(world.ask(*port) == "");
}

TEST_CASE("ble: `in progress` is waited out, for connecting and for writing") {
  BleWorld world;
  auto& bms = world.bluez.device(a, "BMS");
  bms.connect_in_progress = 3;
  bms.write_in_progress = 2;
  world.bluez.discovery_stuck = false;
  const auto port = world.port(a);
  CHECK(world.open(*port) == "");
  CHECK(world.ask(*port) == "");
  CHECK(bms.connects == 1);
  CHECK(world.called(std::string("Connect ") + a) == 4);
}

TEST_CASE("ble: a disconnect that takes its time is waited for before the next connect") {
  BleWorld world;
  auto& bms = world.bluez.device(a, "BMS");
  bms.disconnect_takes = 50ms;
  auto port = world.port(a);
  REQUIRE(world.open(*port) == "");
  port->close();
  CHECK(world.open(*port) == "");
  CHECK(world.ask(*port) == "");
  CHECK(bms.connects == 2);
}

TEST_CASE("ble: a link that a dead program left behind is taken over, one that is listened to is not, for a while") {
  BleWorld world;
  auto& left = world.bluez.device(a, "left");
  world.bluez.hold(left, false);
  const auto port = world.port(a);
  CHECK(world.open(*port) == "");
  CHECK(world.ask(*port) == "");
  CHECK(left.disconnects == 1);

  auto& held = world.bluez.device(b, "held");
  world.bluez.hold(held, true);
  const auto other = world.port(b);
  CHECK(world.until([&] {
    return world.open(*other).find("is connected to another program on this computer") != std::string::npos;
  }));
  CHECK(held.disconnects == 0);
  CHECK(world.until([&] { return world.open(*other) == ""; }));
  CHECK(world.ask(*other) == "");
}

TEST_CASE("ble: bluetoothd dies under a link and comes back") {
  BleWorld world;
  world.bluez.device(a, "BMS");
  const auto port = world.port(a);
  REQUIRE(world.open(*port) == "");
  world.bluez.die();
  CHECK(world.ask(*port) != "");
  CHECK(world.open(*port).find("bluetoothd is not running") == 0);
  world.bluez.come_back();
  CHECK(world.open(*port) == "");
  CHECK(world.ask(*port) == "");
}

TEST_CASE("ble: the bus itself dies and comes back") {
  BleWorld world;
  world.bluez.device(a, "BMS");
  const auto port = world.port(a);
  REQUIRE(world.open(*port) == "");
  world.bluez.die();
  world.bus.stop();
  CHECK(world.ask(*port) != "");
  CHECK(world.until([&] { return !world.ours().is_reached(); }));
  CHECK(world.open(*port).find("there is no D-Bus here") == 0);
  world.bus.start();
  CHECK(world.open(*port).find("bluetoothd is not running") == 0);
  world.bluez.come_back();
  CHECK(world.open(*port) == "");
  CHECK(world.ask(*port) == "");
}

TEST_CASE("ble: an adapter is unplugged and plugged in again") {
  BleWorld world;
  world.bluez.device(a, "BMS");
  const auto port = world.port(a, "hci0");
  REQUIRE(world.open(*port) == "");
  world.bluez.unplug("hci0");
  CHECK(world.ask(*port) != "");
  CHECK(world.open(*port).find("there is no Bluetooth adapter \"hci0\"; is it unplugged? None is here") == 0);
  world.bluez.plug("hci0");
  CHECK(world.until([&] { return world.open(*port) == ""; }));
  CHECK(world.ask(*port) == "");
}

TEST_CASE("ble: two packs connect one after another and live side by side; discovery ends when both are up") {
  BleWorld world;
  auto& first = world.bluez.device(a, "BMS-1");
  world.bluez.device(b, "BMS-2");
  const auto one = world.port(a), two = world.port(b);
  int open = 0;
  for (auto* port : {one.get(), two.get()}) {
    boost::asio::co_spawn(world.io, port->open(), [&](std::exception_ptr failure) { open += failure == nullptr; });
  }
  REQUIRE(world.until([&] { return open == 2; }));
  CHECK(world.bluez.most_connecting_at_once == 1);
  CHECK_FALSE(world.bluez.was_discovering_at_connect);
  CHECK_FALSE(world.bluez.discovering);
  world.bluez.drop(first);
  CHECK(world.ask(*one) != "");
  CHECK(world.ask(*two) == "");
}
