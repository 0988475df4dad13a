// Two numbers of one protocol on each of two lines: every pack is told as its own board said it, and no board is
// written to.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

#include "tests/daemon/house.h"
#include "tests/daemon/truth.h"

TEST_CASE("boards of daly-hkms and units of jbd-up, two on a line, each tell their own") {
  std::vector<HousePack> packs;
  for (const std::string protocol : {"daly-hkms", "jbd-up"}) {
    for (const std::string address : {"1", "2"}) {
      const std::string sums = protocol == "jbd-up" && address == "1" ? ",packs=2" : "";
      packs.push_back({protocol + "-" + address,
                       "protocol=" + protocol + ",address=" + address + ",cells=16,ah=100,soc=6" + address +
                           ",current=2" + address + ",seed=" + address + sums,
                       "protocol = \"" + protocol + "\"\naddress = " + address + "\npoll = \"2s\"\n", protocol});
    }
  }
  House house(packs);
  house.broker.start();
  house.listen();
  house.start_service();

  std::map<std::string, int> told;
  std::map<std::string, json> infos;
  std::vector<std::pair<std::string, json>> states;
  CHECK(house.listener->wait_for(
      [&](const std::string& line) {
        for (const HousePack& pack : house.packs) {
          if (const auto state = payload(line, "cellwarden/" + pack.id + "/state")) {
            states.emplace_back(pack.id, json::parse(*state));
            ++told[pack.id];
          }
          if (const auto info = payload(line, "cellwarden/" + pack.id + "/info")) infos[pack.id] = json::parse(*info);
        }
        return told.size() == 4 && std::ranges::all_of(told, [](const auto& pack) { return pack.second >= 4; });
      },
      std::chrono::seconds(90)));

  house.service->end(SIGTERM);
  CHECK(house.simulator->end(SIGTERM) == 0);  // 3 would be: something wrote to a board
  INFO(house.log());
  Truth truth(house.truth_file());
  for (const auto& [id, state] : states) {
    INFO(id);
    CHECK(truth.fault_of(id, state) == "");
  }
  for (const HousePack& pack : house.packs) {
    INFO(pack.id);
    INFO(infos[pack.id].dump());
    const bool is_slave = pack.id == "jbd-up-2";  // it has neither thresholds nor a serial of its own BMS to tell
    CHECK(infos[pack.id].dump().find(is_slave ? "SIMUP2" : "\"cell_ovp_v\":3.65") != std::string::npos);
  }
}
