// A board that wants a PIN: bluetoothd asks for it while it pairs, and this house's agent answers.
#include <doctest/doctest.h>

#include "tests/links/ble_world.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

constexpr const char *a = "AA:00:00:00:00:01", *b = "AA:00:00:00:00:02";

FakeBluez::Device& shut(BleWorld& world, const std::string& address, const std::string& pin) {
  auto& device = world.bluez.device(address, "BMS-" + address.substr(15));
  device.pin = pin;
  return device;
}

}  // namespace

TEST_CASE("ble pairing: bluetoothd asks for the PIN, once, and is told the pack's own") {
  BleWorld world;
  auto& first = shut(world, a, "012345");
  auto& second = shut(world, b, "654321");
  second.pin_is_passkey = false;
  const auto one = world.port(a, "", "012345"), two = world.port(b, "", "654321");
  REQUIRE(world.open(*one) == "");
  REQUIRE(world.open(*two) == "");
  CHECK(world.ask(*one) == "");
  CHECK(world.ask(*two) == "");
  CHECK(first.paired);
  CHECK(second.paired);
  CHECK(world.called("RegisterAgent") == 1);
  CHECK(world.called("RequestPasskey " + first.address) == 1);
  CHECK(world.called("RequestPinCode " + second.address) == 1);

  world.bluez.drop(first);
  CHECK(world.ask(*one).starts_with("the link dropped"));
  REQUIRE(world.open(*one) == "");
  CHECK(world.ask(*one) == "");
  CHECK(world.called("Pair " + first.address) == 1);
}

TEST_CASE("ble pairing: a wrong PIN is said as such, and the right one is taken after it") {
  BleWorld world;
  auto& bms = shut(world, a, "123456");
  const auto wrong = world.port(a, "", "654321");
  for (int times = 0; times < 8; ++times) {
    CHECK(world.open(*wrong).starts_with(std::string(a) + " does not take the PIN; is pin = \"...\" right?"));
  }
  CHECK(bms.removals == 0);
  CHECK(world.bluez.power_cycles == 0);
  CHECK_FALSE(wrong->is_open());
  CHECK_FALSE(bms.paired);
  CHECK(world.until([&] { return !bms.connected; }));

  const auto right = world.port(a, "", "123456");
  REQUIRE(world.open(*right) == "");
  CHECK(world.ask(*right) == "");
  CHECK(world.called("RequestPasskey " + bms.address) == 9);
}

TEST_CASE("ble pairing: where a passkey is a number, a PIN that is none is refused") {
  BleWorld world;
  auto& bms = shut(world, a, "123456");
  CHECK(world.open(*world.port(a, "", "abcdef")).starts_with(std::string(a) + " does not take the PIN"));
  CHECK(world.called("RequestPasskey " + bms.address) == 1);
  CHECK_FALSE(bms.paired);
}

TEST_CASE("ble pairing: a board that wants a PIN where none is configured is told of, and left in peace") {
  BleWorld world;
  auto& bms = shut(world, a, "123456");
  const auto port = world.port(a);
  for (int times = 0; times < 8; ++times) {
    CHECK(world.open(*port) == std::string(a) +
                                   " wants to be paired with a PIN; write pin = \"123456\" (as set in its "
                                   "app) under [[pack]]");
  }
  CHECK(world.called("Pair " + bms.address) == 0);
  CHECK(bms.connects == 8);
  CHECK(bms.removals == 0);
  CHECK(world.bluez.power_cycles == 0);

  const auto with_pin = world.port(a, "", "123456");
  REQUIRE(world.open(*with_pin) == "");
  CHECK(world.ask(*with_pin) == "");
}

TEST_CASE("ble pairing: a board that is paired with by leave alone is given it, any other is not") {
  BleWorld world;
  world.bluez.device(a, "ours").asks_leave = true;
  const auto port = world.port(a);
  REQUIRE(world.open(*port) == "");
  CHECK(world.ask(*port) == "");
  auto& strange = world.bluez.device(b, "strange");
  strange.asks_leave = true;
  std::string said = "nothing yet";
  world.bluez.pair(strange, [&](const std::string& error) { said = error; });
  REQUIRE(world.until([&] { return said != "nothing yet"; }));
  CHECK(said == "AuthenticationFailed");
}

TEST_CASE("ble pairing: the agent tells no PIN for a device that no pack here holds") {
  BleWorld world;
  auto& ours = shut(world, a, "123456");
  const auto port = world.port(a, "", "123456");
  REQUIRE(world.open(*port) == "");
  auto& strange = shut(world, b, "123456");
  std::string said = "nothing yet";
  world.bluez.pair(strange, [&](const std::string& error) { said = error; });
  REQUIRE(world.until([&] { return said != "nothing yet"; }));
  CHECK(said == "AuthenticationFailed");
  CHECK_FALSE(strange.paired);
  CHECK(ours.paired);
}

TEST_CASE("ble pairing: a bluetoothd that was restarted is told of the agent anew, and asks again where it forgot") {
  BleWorld world;
  auto& bms = shut(world, a, "123456");
  const auto port = world.port(a, "", "123456");
  REQUIRE(world.open(*port) == "");
  world.bluez.die();
  bms.paired = false;
  CHECK(world.ask(*port) != "");
  world.bluez.come_back();
  REQUIRE(world.open(*port) == "");
  CHECK(world.ask(*port) == "");
  CHECK(world.called("RegisterAgent") == 2);
  CHECK(world.called("RequestPasskey " + bms.address) == 2);
}
