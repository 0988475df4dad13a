// The main job, end to end: packs on simulated 9600-baud lines, the unchanged binary, a real broker.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <iostream>
#include <map>
#include <set>

#include "tests/daemon/house.h"
#include "tests/daemon/truth.h"
#include "tests/links/private_bus.h"

namespace {

bool becomes(Process& listener, const std::string& topic, const std::string& wanted) {
  return listener.wait_for([&](const std::string& line) { return payload(line, topic) == wanted; }).has_value();
}

}  // namespace

TEST_CASE("the truth finds what must never be published") {
  cellwarden::test::TemporaryDirectory folder;
  const std::string file = folder.path / "truth.jsonl";
  const auto said = [](int n, double v, const char* time) {
    return json{
        {"pack", "p"},   {"n", n},          {"t", 1795612180 + n}, {"taken_at", time}, {"pack_v", 4 * v},
        {"soc_pct", 60}, {"current_a", 20}, {"remaining_ah", 60},  {"temps_c", {21}},  {"cells_v", {v, v, v, v}}};
  };
  std::ofstream(file) << said(1, 3.301, "") << '\n' << said(2, 3.302, "") << '\n' << said(3, 3.303, "") << '\n';
  Truth truth(file);
  CHECK(truth.fault_of("p", said(0, 3.301, "2026-11-25T13:09:41.070Z")) == "");
  CHECK(truth.fault_of("p", said(0, 3.301, "2026-11-25T13:09:41.070Z")) == "");  // shown again as what it is
  CHECK(truth.fault_of("p", said(0, 3.301, "2026-11-25T13:09:42.070Z")) == "an old reading stamped anew");
  CHECK(truth.fault_of("p", said(0, 3.302, "2026-11-25T13:09:41.070Z")) == "other numbers under the same time");
  CHECK(truth.fault_of("p", said(0, 3.309, "2026-11-25T13:09:43.070Z")) == "the board never said this");
  CHECK(truth.fault_of("p", said(0, 3.303, "2026-11-25T13:09:42.500Z")) == "an old reading stamped anew");
  CHECK(truth.fault_of("p", said(0, 3.303, "2026-11-25T13:09:59.070Z")) == "stamped long after the board said it");
  CHECK(truth.fault_of("p", said(0, 3.303, "2026-11-25T13:09:43.070Z")) == "");
  CHECK(truth.fault_of("p", said(0, 3.302, "2026-11-25T13:09:42.070Z")) == "older than the state before it");
  CHECK(truth.fault_of("p", said(0, 3.302, "2026-11-25T13:09:44.070Z")) == "an old reading stamped anew");
}

TEST_CASE("three packs come online, say what is true, and say goodbye") {
  House house;
  house.broker.start();
  house.listen();
  house.start_service();
  CHECK(becomes(*house.listener, "cellwarden/status", "online"));
  std::map<std::string, json> states;
  std::set<std::string> discovered, online;
  CHECK(house.listener->wait_for([&](const std::string& line) {
    for (const auto& [id, simulated, config, port] : house.packs) {
      if (auto text = payload(line, "cellwarden/" + id + "/state")) states[id] = json::parse(*text);
      if (payload(line, "cellwarden/" + id + "/status") == "online") online.insert(id);
      if (line.find("homeassistant/device/cellwarden_" + id + "/config") == 0 &&
          line.find("\"cell_4_v\"") != std::string::npos) {
        discovered.insert(id);
      }
    }
    return states.size() == 3 && online.size() == 3 && discovered.size() == 3;
  }));
  CHECK(states["16s"]["cells_v"].size() == 16);

  CHECK(house.service->end(SIGTERM) == 0);
  CHECK(becomes(*house.listener, "cellwarden/status", "offline"));
  CHECK(house.simulator->end(SIGTERM) == 0);
  Truth truth(house.truth_file());
  for (const auto& [id, state] : states) {
    INFO(id);
    CHECK(truth.fault_of(id, state) == "");
  }
}

TEST_CASE("a device that is unplugged or falls silent is offline, its neighbours are not, and it comes back") {
  House house(one_of_each_protocol("1s"));
  house.broker.start();
  house.listen();
  house.start_service();
  std::set<std::string> online;
  CHECK(house.listener->wait_for([&](const std::string& line) {
    for (const HousePack& pack : house.packs) {
      if (payload(line, "cellwarden/" + pack.id + "/status") == "online") online.insert(pack.id);
    }
    return online.size() == house.packs.size();
  }));

  bool neighbour_lost = false;
  const auto told = [&](const std::string& id, const std::string& status) {
    return house.listener->wait_for([&](const std::string& line) {
      neighbour_lost |= payload(line, "cellwarden/16s/status") == "offline";
      return payload(line, "cellwarden/" + id + "/status") == status;
    });
  };
  for (const std::string id : {"4s", "8s", "jk"}) {
    INFO(id);
    house.simulator->say("unplug " + id);
    CHECK(told(id, "offline"));
    house.simulator->say("plug " + id);
    CHECK(told(id, "online"));
    house.simulator->say("silence " + id + " 12");
    CHECK(told(id, "offline"));
    CHECK(told(id, "online"));
    CHECK(house.log().find(id + ": offline") != std::string::npos);
  }
  CHECK_FALSE(neighbour_lost);
  CHECK(house.simulator->end(SIGTERM) == 0);
}

TEST_CASE("without Bluetooth on the machine the packs on wires are read, and what is missing is said") {
  House house({three_jbd_packs()[0]});
  std::ofstream(house.file("cellwarden.toml"), std::ios::app)
      << "[[pack]]\nid = \"van\"\nprotocol = \"jk-ble\"\nlink = \"ble:AA:00:00:00:00:01\"\n";
  house.broker.start();
  house.listen();
  const cellwarden::test::PrivateBus without_bluetoothd;
  for (const auto& [bus, missing] : {std::pair<std::string, const char*>{"unix:path=/nothing/here", "no D-Bus"},
                                     {without_bluetoothd.address, "bluetoothd is not running"}}) {
    INFO(missing);
    house.service =
        std::make_unique<Process>(std::vector<std::string>{"env", "DBUS_SYSTEM_BUS_ADDRESS=" + bus, CELLWARDEN, "run",
                                                           "--config", house.file("cellwarden.toml")},
                                  house.file("cellwarden.log"));
    int readings = 0;
    CHECK(house.listener->wait_for([&](const std::string& line) {
      CHECK(payload(line, "cellwarden/van/status") != "online");
      readings += payload(line, "cellwarden/4s/state").has_value();
      const std::string log = house.log();
      const auto said = log.find("van: ");
      return readings >= 3 && said != std::string::npos && log.find(missing, said) != std::string::npos;
    }));
    CHECK(house.service->end(SIGTERM) == 0);
  }
}

TEST_CASE("a broker that is absent at the start, killed and wiped: everything is back by itself") {
  House house;
  house.start_service();
  house.broker.start();
  house.listen();
  CHECK(becomes(*house.listener, "cellwarden/4s/status", "online"));

  house.broker.stop();
  house.broker.start();
  house.listen();
  const auto began = std::chrono::steady_clock::now();
  std::set<std::string> wanted{"homeassistant/device/cellwarden_4s/config ", "cellwarden/4s/state ",
                               "cellwarden/4s/info ", "cellwarden/status online", "cellwarden/4s/status online"};
  CHECK(house.listener->wait_for([&](const std::string& line) {
    std::erase_if(wanted, [&](const std::string& start) { return line.rfind(start, 0) == 0; });
    return wanted.empty();
  }));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::cout << "broker back -> everything announced again: " << took.count() << " s\n";
}
