// Packs over Bluetooth, end to end on the real stack: all brands come online with true values, and after everything
// that happens to a radio link they are back by themselves.
#include <doctest/doctest.h>

#include <iomanip>
#include <iostream>

#include "tests/ble/ble_house.h"

namespace {

/// For whoever reads the run's output; nothing is asserted.
void tell(const std::string& what, const std::string& id, const std::string& between, double seconds) {
  std::cout << std::fixed << std::setprecision(2) << what << ", " << id << ": " << between << " " << seconds << " s"
            << std::endl;
}

void comes_back(BleHouse& house, const std::string& id, const std::string& what, double fault_s) {
  CAPTURE(id);
  std::optional<double> value_s;
  double linked_s = 0;
  REQUIRE(house.watch([&] {
    linked_s = house.linked_s(id);
    value_s = linked_s > fault_s ? house.value_after(id, linked_s) : std::nullopt;
    return value_s.has_value();
  }));
  tell(what, id, "from fault to link", linked_s - fault_s);
  tell(what, id, "from link to first value", *value_s - linked_s);
}

void goes_offline(BleHouse& house, const std::string& id) {
  CAPTURE(id);
  REQUIRE(house.watch([&] { return house.is_offline(id); }));
}

/// The service has told nothing wrong and written nothing, and ends well.
void ends_well(BleHouse& house) {
  CHECK(house.service->end(SIGTERM) == 0);
  CHECK(house.simulator->end(SIGTERM) == 0);
  CHECK(house.faults() == "");
}

}  // namespace

TEST_CASE("short: packs of all brands come online, one is dropped and comes back, the others never leave") {
  const double began_s = BleHouse::now_s();
  BleHouse house;
  WITH_LOGS(house);
  REQUIRE(house.all_online());
  for (const BlePack& pack : house.packs)
    tell("start", pack.id, "from start to first value", *house.value_after(pack.id, 0) - began_s);
  const double dropped_s = BleHouse::now_s();
  house.simulator->say("drop jk-new");
  comes_back(house, "jk-new", "link dropped", dropped_s);
  house.went_offline.erase("jk-new");
  CHECK(house.went_offline.empty());
  ends_well(house);
}

TEST_CASE("links: whatever happens to one link, its pack comes back and the others never leave" *
          doctest::skip(too_long())) {
  BleHouse house;
  WITH_LOGS(house);
  REQUIRE(house.all_online());
  for (const std::string id : {"jk-new", "jk-old", "daly-new", "daly-old", "jbd"}) {
    house.went_offline.clear();
    double fault_s = BleHouse::now_s();
    house.simulator->say("drop " + id);
    comes_back(house, id, "link dropped", fault_s);

    fault_s = BleHouse::now_s();
    house.simulator->say("unplug " + id);
    goes_offline(house, id);
    house.simulator->say("plug " + id);
    comes_back(house, id, "out of range", fault_s);

    fault_s = BleHouse::now_s();
    house.simulator->say("phone " + id + " 10");
    comes_back(house, id, "held by a phone for 10 s", fault_s);

    house.simulator->say("lose " + id + " 2");
    house.simulator->say("merge " + id + " 2");
    const double damaged_s = BleHouse::now_s();
    CHECK(house.watch([&] { return house.value_after(id, damaged_s + 5).has_value(); }));

    const double silent_s = BleHouse::now_s();
    house.simulator->say("silence " + id + " 20");
    goes_offline(house, id);
    CHECK(house.watch([&] { return house.value_after(id, silent_s + 20).has_value(); }));
    tell("silent for 20 s", id, "from its end to first value",
         house.value_after(id, silent_s + 20).value_or(0) - silent_s - 20);

    house.went_offline.erase(id);
    CHECK(house.went_offline.empty());
  }
  ends_well(house);
}

TEST_CASE("links: the adapter is pulled and plugged, bluetoothd dies: all are back by themselves" *
          doctest::skip(too_long())) {
  BleHouse house;
  WITH_LOGS(house);
  REQUIRE(house.all_online());
  double fault_s = BleHouse::now_s();
  house.simulator->say("unplug adapter");
  REQUIRE(house.all_offline());
  house.simulator->say("plug adapter");
  for (const BlePack& pack : house.packs) comes_back(house, pack.id, "adapter pulled", fault_s);

  fault_s = BleHouse::now_s();
  house.bluetoothd.reset();
  REQUIRE(house.all_offline());
  house.start_bluetoothd();
  for (const BlePack& pack : house.packs) comes_back(house, pack.id, "bluetoothd killed", fault_s);
  ends_well(house);
}
