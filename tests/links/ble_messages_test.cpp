// Every way to have no Bluetooth link has its own words.
#include <doctest/doctest.h>

#include "tests/links/ble_world.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

constexpr const char* a = "AA:00:00:00:00:01";
constexpr const char* b = "AA:00:00:00:00:02";

bool begins(const std::string& text, const std::string& with) {
  if (!text.starts_with(with)) MESSAGE(text);
  return text.starts_with(with);
}

}  // namespace

TEST_CASE(
    "ble messages: where the kernel knows no adapter bluetoothd is not to be started, but an adapter plugged in") {
  for (const bool has_hardware : {true, false}) {
    BleWorld world;
    auto settings = world.settings();
    settings.kernel_adapters = has_hardware ? "/" : "/nothing/here";
    world.changed_settings = settings;
    world.bluez.die();
    const char* said = has_hardware ? "bluetoothd is not running; install and start it"
                                    : "bluetoothd is not running, and this computer has no Bluetooth adapter";
    CHECK(world.until([&] { return world.open(*world.port(a)).starts_with(said); }));
  }
}

TEST_CASE("ble messages: no bus, no bluetoothd, no adapter, another adapter") {
  {
    boost::asio::io_context io;
    ble::BluezSettings settings;
    settings.bus_address = "unix:path=/nothing/here";
    ble::Bluez bluez(io.get_executor(), settings);
    ble::BlePort port(bluez, {a, "", "", services});
    std::string said;
    boost::asio::co_spawn(io, port.open(), [&](std::exception_ptr failure) {
      try {
        std::rethrow_exception(failure);
      } catch (const LinkLost& lost) {
        said = lost.what();
      }
    });
    io.run();
    CHECK(begins(said, "there is no D-Bus here ("));
  }
  BleWorld world;
  world.bluez.unplug("hci0");
  CHECK(begins(world.open(*world.port(a)), "this computer has no Bluetooth adapter; plug one in"));
  world.bluez.plug("hci1");
  CHECK(world.until([&] {
    return world.open(*world.port(a, "hci0")) ==
           "there is no Bluetooth adapter \"hci0\"; is it unplugged? Here are: hci1; write adapter = \"hci1\" under "
           "[[pack]], or leave it out";
  }));
  world.bluez.die();
  CHECK(world.until([&] { return world.open(*world.port(a)).starts_with("bluetoothd is not running; install"); }));
}

TEST_CASE("ble messages: an adapter that is off is switched on; one that is blocked is said to be") {
  BleWorld world;
  world.bluez.device(a, "BMS");
  world.bluez.powered = false;
  world.bluez.power_error = "Blocked";
  const auto port = world.port(a);
  CHECK(begins(world.open(*port), "Bluetooth adapter hci0 is blocked (rfkill"));
  world.bluez.power_error = "Failed";
  CHECK(begins(world.open(*port), "Bluetooth adapter hci0 is off and cannot be switched on"));
  world.bluez.power_error = "";
  CHECK(world.open(*port) == "");
  CHECK(world.bluez.powered);
}

TEST_CASE("ble messages: no rights, to speak to bluetoothd at all or to switch the adapter on") {
  const char* said = "no rights to speak to bluetoothd; add the user to group \"bluetooth\"";
  {
    BleWorld world("<deny send_destination=\"org.bluez\"/>");
    world.bluez.device(a, "BMS");
    CHECK(begins(world.open(*world.port(a)), said));
    CHECK(world.bluez.calls.empty());
  }
  BleWorld world;
  world.bluez.device(a, "BMS");
  world.bluez.powered = false;
  world.bluez.power_error = "org.freedesktop.DBus.Error.AccessDenied";
  const auto port = world.port(a);
  CHECK(begins(world.open(*port), said));
  world.bluez.power_error = "";
  CHECK(world.open(*port) == "");
}

TEST_CASE("ble messages: not in sight, nothing heard at all, two of one name") {
  BleWorld world;
  auto settings = world.settings();
  settings.times.sight = 10ms;
  world.changed_settings = settings;
  const auto port = world.port(a);
  CHECK(begins(world.open(*port), std::string(a) + " is not in sight: hci0 hears no Bluetooth device at all"));
  world.bluez.advertise(world.bluez.device(b, "BMS"), true);
  CHECK(world.until([&] { return world.open(*port).find("is the phone app connected to it?") != std::string::npos; }));
  auto& twin = world.bluez.device("AA:00:00:00:00:03", "BMS");
  world.bluez.advertise(twin, true);
  CHECK(world.until([&] {
    return world.open(*world.port("BMS")).starts_with("several devices are named \"BMS\" (AA:00:00:00:00:0");
  }));
}

TEST_CASE("ble messages: another device's services are named, and pairing is asked for") {
  BleWorld world;
  auto& bms = world.bluez.device(a, "BMS");
  bms.service = "180f";
  const auto port = world.port(a);
  CHECK(
      begins(world.open(*port),
             std::string(a) +
                 " has not the service this protocol speaks over; is protocol right, is it this device? It has: 180f"));
  CHECK_FALSE(port->is_open());

  auto& shy = world.bluez.device(b, "shy");
  shy.notify_error = "NotAuthorized";
  CHECK(begins(world.open(*world.port(b)), std::string(b) + " wants to be paired with a PIN"));
  CHECK(begins(world.open(*world.port(b, "", "123456")), std::string(b) + " does not take the PIN"));
  CHECK(world.called("RegisterAgent") == 1);
}

TEST_CASE("ble messages: an adapter is given no more links than it may have") {
  BleWorld world;
  auto settings = world.settings();
  settings.max_links = 1;
  world.changed_settings = settings;
  world.bluez.device(a, "BMS-1");
  world.bluez.device(b, "BMS-2");
  const auto one = world.port(a), two = world.port(b);
  REQUIRE(world.open(*one) == "");
  CHECK(begins(world.open(*two), "hci0 already holds 1 link"));
  one->let_go();
  CHECK(world.open(*two) == "");
}
