// One wire, five protocols, one pack dead and one answer in a hundred damaged: for twenty seconds; with
// CELLWARDEN_LONG=1 for ten minutes.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <vector>

#include "tests/daemon/house.h"
#include "tests/daemon/truth.h"

namespace {

// A round of the live four is 0.96 s of bytes (hkms 278, D2 168, UP 200, JK 294), 0.2 s until the boards answer, and
// 0.3 s of quiet; while the dead one is looked for it has half a second in each.
constexpr double poll_s = 2.4;

const std::vector<HousePack>& packs() {
  const std::string as_all = ",cells=8,ah=100,soc=60,current=5,seed=", poll = "poll = \"2400ms\"\n";
  static const std::vector<HousePack> all = {
      {"dead", "protocol=daly-a5,address=1,asleep=silent" + as_all + "1",
       "protocol = \"daly-a5\"\naddress = 1\n" + poll, "bus"},
      {"hkms", "protocol=daly-hkms,address=2" + as_all + "2", "protocol = \"daly-hkms\"\naddress = 2\n" + poll, "bus"},
      {"up", "protocol=jbd-up,address=3,answer_ms=100" + as_all + "3", "protocol = \"jbd-up\"\naddress = 3\n" + poll,
       "bus"},
      {"jk", "protocol=jk-modbus,address=4" + as_all + "4",
       "protocol = \"jk-modbus\"\naddress = 4\nbaud = 9600\n" + poll, "bus"},
      {"d2", "protocol=daly-modbus" + as_all + "5", "protocol = \"daly-modbus\"\n" + poll, "bus"}};
  return all;
}

}  // namespace

TEST_CASE("five protocols on one 9600-baud line, one dead, 1 % damaged: all that is told is true, and comes in time") {
  const std::size_t readings = std::getenv("CELLWARDEN_LONG") ? 250 : 5;
  House house(packs(), {"--damage", "0.01"});
  house.broker.start();
  house.listen();
  house.start_service();

  std::map<std::string, std::vector<double>> taken;  // seconds
  std::vector<std::pair<std::string, json>> states;
  const auto enough = [&](const std::string& line) {
    for (const HousePack& pack : house.packs) {
      const auto state = payload(line, "cellwarden/" + pack.id + "/state");
      if (!state) continue;
      states.emplace_back(pack.id, json::parse(*state));
      const double at = Truth::utc_s(states.back().second["taken_at"]);
      auto& times = taken[pack.id];
      if (times.empty() || times.back() != at) times.push_back(at);
    }
    return taken.size() == 4 &&
           std::ranges::all_of(taken, [&](const auto& pack) { return pack.second.size() >= readings; });
  };
  const std::chrono::duration<double> limit(60 + 2 * poll_s * static_cast<double>(readings));
  CHECK(house.listener->wait_for(enough, std::chrono::duration_cast<std::chrono::seconds>(limit)));
  house.service->end(SIGTERM);
  CHECK(house.simulator->end(SIGTERM) == 0);  // 3 would be: something wrote to a board

  INFO(house.log());
  Truth truth(house.truth_file());
  for (const auto& [id, state] : states) {
    INFO(id);
    INFO(state.dump());
    CHECK(truth.fault_of(id, state) == "");
  }
  int damaged = 0;
  for (const auto& [kind, count] : truth.faults.items()) damaged += kind == "checksum_blind" ? 0 : count.get<int>();
  CHECK(taken.count("dead") == 0);
  for (const auto& [id, times] : taken) {
    // Nobody is read while a spoiled answer is waited for: that may cost everyone a poll.
    const double possible = (times.back() - times.front()) / poll_s - damaged;
    const auto polls = static_cast<double>(times.size() - 1);
    std::cout << id << ": " << polls << " polls of " << possible << " at " << poll_s << " s, " << damaged
              << " answers damaged\n";
    CHECK(polls > possible / 1.1);
  }
}
