// JK packs on one RS485 line: asked by us, and a chain that asks itself.
#include <doctest/doctest.h>
#include <fcntl.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <vector>

#include "tests/daemon/house.h"
#include "tests/daemon/truth.h"

namespace {

const std::vector<std::string> jk_pace = {"--baud", "115200"};

/// The states of all packs until each has told `readings` different ones.
std::vector<std::pair<std::string, json>> states_of(House& house, std::size_t readings) {
  std::map<std::string, std::set<double>> taken;  // seconds
  std::vector<std::pair<std::string, json>> states;
  const auto enough = [&](const std::string& line) {
    const auto space = line.find(' ');
    for (const auto& pack : house.packs) {
      if (line.substr(0, space) != "cellwarden/" + pack.id + "/state") continue;
      states.emplace_back(pack.id, json::parse(line.substr(space + 1)));
      taken[pack.id].insert(Truth::utc_s(states.back().second["taken_at"]));
    }
    return taken.size() == house.packs.size() &&
           std::ranges::all_of(taken, [&](const auto& pack) { return pack.second.size() >= readings; });
  };
  CHECK(house.listener->wait_for(enough, std::chrono::seconds(120)));
  return states;
}

/// How the service holds the port open: O_RDONLY, O_RDWR; -1: not at all.
int access_to(const std::string& port, int process) {
  namespace fs = std::filesystem;
  const fs::path terminal = fs::canonical(port), at = "/proc/" + std::to_string(process);
  for (const auto& entry : fs::directory_iterator(at / "fd")) {
    std::error_code gone;
    if (fs::read_symlink(entry.path(), gone) != terminal) continue;
    std::ifstream info(at / "fdinfo" / entry.path().filename());
    for (std::string word; info >> word;) {
      if (word == "flags:" && info >> word) return std::stoi(word, nullptr, 8) & O_ACCMODE;
    }
  }
  return -1;
}

/// Ends both; nothing told was wrong.
void check_ending(House& house, const std::vector<std::pair<std::string, json>>& states) {
  house.service->end(SIGTERM);
  CHECK(house.simulator->end(SIGTERM) == 0);  // 3: a write reached a board, or anything at all a master
  Truth truth(house.truth_file());
  for (const auto& [id, state] : states) {
    INFO(id);
    CHECK(truth.fault_of(id, state) == "");
  }
}

}  // namespace

TEST_CASE("a chain of four JK packs is listened to: all are online, and nothing is ever sent") {
  std::vector<HousePack> packs;
  for (int address = 0; address <= 3; ++address) {
    const std::string number = std::to_string(address);
    packs.push_back({"jk-" + number, "protocol=jk-listen,address=" + number + ",cells=8,ah=100,seed=" + number,
                     "protocol = \"jk-listen\"\naddress = " + number + "\n", "chain"});
  }
  House house(packs, jk_pace);
  house.broker.start();
  house.listen();
  house.start_service();
  const auto states = states_of(house, 3);
  CHECK(access_to(house.file("chain"), house.service->id()) == O_RDONLY);
  check_ending(house, states);
}

TEST_CASE("two JK packs share a line, one read by its registers and one by its triggers") {
  House house({{"registers", "protocol=jk-modbus,address=1,cells=8,ah=100,triggers=0",
                "protocol = \"jk-modbus\"\naddress = 1\npoll = \"1s\"\n", "bus"},
               {"triggers", "protocol=jk-modbus,address=2,cells=16,ah=280,reads=0",
                "protocol = \"jk-modbus\"\naddress = 2\npoll = \"1s\"\njk_trigger = true\n", "bus"}},
              jk_pace);
  house.broker.start();
  house.listen();
  house.start_service();
  const auto states = states_of(house, 5);
  CHECK(access_to(house.file("bus"), house.service->id()) == O_RDWR);
  check_ending(house, states);
}
