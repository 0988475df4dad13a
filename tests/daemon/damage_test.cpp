// Damage on the wire for a minute (ten with CELLWARDEN_LONG=1), against what the simulated boards really said.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "tests/daemon/house.h"
#include "tests/daemon/truth.h"

TEST_CASE("1 % of all frames damaged: nothing wrong is published, no pack is lost") {
  const char* long_run = std::getenv("CELLWARDEN_LONG");
  const std::chrono::seconds length(long_run ? 600 : 60);
  // As fast as each line can: the more frames meet a fault.
  House house(one_of_each_protocol("250ms"), {"--damage", "0.01"});
  house.broker.start();
  house.listen();
  house.start_service();

  std::vector<std::pair<std::string, json>> published;
  std::map<std::string, int> lost;
  std::set<std::string> online;
  const auto end = std::chrono::steady_clock::now() + length;
  const auto heard_to_the_end = house.listener->wait_for(
      [&](const std::string& line) {
        for (const auto& [id, simulated, config, port] : house.packs) {
          if (auto text = payload(line, "cellwarden/" + id + "/state")) published.emplace_back(id, json::parse(*text));
          const auto status = payload(line, "cellwarden/" + id + "/status");
          if (status == "online") online.insert(id);
          if (status == "offline" && online.count(id) > 0) ++lost[id];
        }
        return std::chrono::steady_clock::now() >= end;
      },
      length + std::chrono::seconds(30));
  CHECK(heard_to_the_end);
  house.service->end(SIGTERM);
  CHECK(house.simulator->end(SIGTERM) == 0);  // 3 would be: something wrote to a board

  Truth truth(house.truth_file());
  int wrong = 0;
  for (const auto& [id, state] : published) {
    const std::string fault = truth.fault_of(id, state);
    if (fault.empty()) continue;
    ++wrong;
    std::cout << fault << ": " << id << " " << state.dump() << '\n';
  }
  std::cout << "published " << published.size() << " readings, wrong " << wrong << ", faults " << truth.faults.dump()
            << '\n';
  INFO(house.log());
  for (const HousePack& pack : house.packs) {
    INFO(pack.id);
    CHECK(std::ranges::count(published, pack.id, &std::pair<std::string, json>::first) >= length.count() / 2);
  }
  CHECK(wrong == 0);
  CHECK(online.size() == house.packs.size());
  CHECK(lost.empty());
  CHECK(truth.faults.is_object());
}
