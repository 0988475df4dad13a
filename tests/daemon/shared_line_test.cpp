// One wire, many packs: a dead one takes its turns and no more.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <vector>

#include "tests/daemon/house.h"
#include "tests/daemon/truth.h"

TEST_CASE("four Daly boards and a JBD on one 9600-baud line, one dead: the others keep their interval") {
  constexpr double poll_s = 5;
  std::vector<HousePack> packs;
  for (int n = 1; n <= 4; ++n) {
    const std::string number = std::to_string(n);
    const std::string dead = n == 4 ? ",asleep=silent" : "";
    packs.push_back({"daly-" + number, "protocol=daly-a5,address=" + number + ",cells=8,ah=100,soc=60,current=5" + dead,
                     "protocol = \"daly-a5\"\naddress = " + number + "\npoll = \"5s\"\n", "bus"});
  }
  packs.push_back(
      {"jbd", "protocol=jbd,cells=4,ah=100,soc=60,current=5", "protocol = \"jbd\"\npoll = \"5s\"\n", "bus"});
  House house(packs);
  house.broker.start();
  house.listen();
  house.start_service();

  std::map<std::string, std::vector<double>> taken;  // seconds
  std::vector<std::pair<std::string, json>> states;
  CHECK(house.listener->wait_for(
      [&](const std::string& line) {
        const auto space = line.find(' ');
        for (const auto& pack : house.packs) {
          if (line.substr(0, space) != "cellwarden/" + pack.id + "/state") continue;
          states.emplace_back(pack.id, json::parse(line.substr(space + 1)));
          const double at = Truth::utc_s(states.back().second["taken_at"]);
          auto& times = taken[pack.id];
          if (times.empty() || times.back() != at) times.push_back(at);
        }
        return taken.size() >= 4 &&
               std::ranges::all_of(taken, [](const auto& pack) { return pack.second.size() >= 8; });
      },
      std::chrono::seconds(120)));
  CHECK(taken.count("daly-4") == 0);
  for (auto& [id, times] : taken) {
    const double mean = (times.back() - times.front()) / static_cast<double>(times.size() - 1);
    std::cout << id << ": a reading every " << mean << " s, asked for every " << poll_s << " s\n";
    CHECK(mean < 1.1 * poll_s);
  }

  house.service->end(SIGTERM);
  CHECK(house.simulator->end(SIGTERM) == 0);
  Truth truth(house.truth_file());
  for (const auto& [id, state] : states) {
    INFO(id);
    CHECK(truth.fault_of(id, state) == "");
  }
}
