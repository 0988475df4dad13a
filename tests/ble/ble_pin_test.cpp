// Boards that want a PIN, paired with by the real bluetoothd and the kernel's Security Manager.
#include <doctest/doctest.h>

#include "tests/ble/ble_house.h"

TEST_CASE(
    "links: a board is paired with by its PIN, once; a wrong PIN and none are said as such; one beside it is found by "
    "asking" *
    doctest::skip(too_long())) {
  BleHouse house({{"right", "A4:C1:37:00:00:05", "jbd", "cells=4,seed=5,pin=012345", "pin = \"012345\"\n"},
                  {"wrong", "40:18:03:00:00:03", "daly-modbus", "cells=16,seed=3,pin=123456", "pin = \"654321\"\n"},
                  {"none", "C8:47:8C:00:00:01", "jk-ble", "cells=16,layout=32s,seed=1,pin=123456"},
                  {"open", "40:18:03:00:00:04", "daly-a5", "cells=8,all_frames=1,seed=4", "protocol = \"auto\"\n"}});
  WITH_LOGS(house);
  const auto is_read = [&](const std::string& id) { return house.status[id] == "online" && !house.states[id].empty(); };
  REQUIRE(house.watch([&] { return is_read("right") && is_read("open"); }));
  const auto says = [&](const std::string& words) {
    return house.watch([&] { return house.log("cellwarden.log").find(words) != std::string::npos; });
  };
  CHECK(says("wrong: 40:18:03:00:00:03 does not take the PIN; is pin = \"...\" right?"));
  CHECK(says("none: C8:47:8C:00:00:01 wants to be paired with a PIN; write pin = \"123456\""));

  // Written into the configuration, it is taken without a restart.
  house.packs[2].config = "pin = \"123456\"\n";
  house.write_config();
  house.service->tell(SIGHUP);
  CHECK(house.watch([&] { return is_read("none"); }));

  const double dropped_s = BleHouse::now_s();
  house.simulator->say("drop right");
  CHECK(house.watch([&] {
    const double linked_s = house.linked_s("right");
    return linked_s > dropped_s && house.value_after("right", linked_s).has_value();
  }));

  const double killed_s = BleHouse::now_s();
  house.bluetoothd.reset();
  house.start_bluetoothd();
  CHECK(house.watch([&] {
    const double linked_s = house.linked_s("right");
    return linked_s > killed_s && house.value_after("right", linked_s).has_value();
  }));
  CHECK(house.states["wrong"].empty());

  CHECK(house.service->end(SIGTERM) == 0);
  CHECK(house.simulator->end(SIGTERM) == 0);
  CHECK(house.faults() == "");
}
