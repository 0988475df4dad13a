// The main job, end to end: three JBD packs on simulated 9600-baud lines, the unchanged binary, a real broker.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "tests/daemon/house.h"

using nlohmann::json;

namespace {

/// The payload when `line` is a message on `topic`.
std::optional<std::string> payload(const std::string& line, const std::string& topic) {
  if (line.rfind(topic + " ", 0) != 0) return std::nullopt;
  return line.substr(topic.size() + 1);
}

bool becomes(Process& listener, const std::string& topic, const std::string& wanted) {
  return listener.wait_for([&](const std::string& line) { return payload(line, topic) == wanted; }).has_value();
}

/// What must never be wrong of a reading, as one text: equal texts, equal readings.
std::string essence(const json& reading) {
  std::string text;
  const auto add = [&](const json& value, double resolution) {
    text += value.is_null() ? "null " : std::to_string(std::llround(value.get<double>() / resolution)) + " ";
  };
  for (const auto& cell : reading.at("cells_v")) add(cell, 0.001);
  for (const auto& temp : reading.at("temps_c")) add(temp, 0.1);
  add(reading.at("pack_v"), 0.01);
  add(reading.at("current_a"), 0.01);
  add(reading.at("soc_pct"), 1);
  add(reading.at("remaining_ah"), 0.01);
  return text;
}

std::map<std::string, std::set<std::string>> truth(const std::string& file, json& faults) {
  std::map<std::string, std::set<std::string>> by_pack;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const json entry = json::parse(line, nullptr, false);
    if (entry.is_discarded()) continue;
    if (entry.contains("faults")) {
      faults = entry["faults"];
    } else {
      by_pack[entry.at("pack")].insert(essence(entry));
    }
  }
  return by_pack;
}

}  // namespace

TEST_CASE("three packs come online, say what is true, and say goodbye") {
  House house;
  house.start_broker();
  house.listen();
  house.start_service();
  CHECK(becomes(*house.listener, "cellwarden/status", "online"));
  std::map<std::string, json> states;
  std::set<std::string> discovered, online;
  CHECK(house.listener->wait_for([&](const std::string& line) {
    for (const char* pack : House::packs) {
      const std::string id(pack);
      if (auto text = payload(line, "cellwarden/" + id + "/state")) states[id] = json::parse(*text);
      if (payload(line, "cellwarden/" + id + "/status") == "online") online.insert(id);
      if (line.find("homeassistant/device/cellwarden_" + id + "/config") == 0 &&
          line.find("\"cell_4_v\"") != std::string::npos) {
        discovered.insert(id);
      }
    }
    return states.size() == 3 && online.size() == 3 && discovered.size() == 3;
  }));
  CHECK(states["house-16s"]["cells_v"].size() == 16);

  CHECK(house.service->end(SIGTERM) == 0);
  CHECK(becomes(*house.listener, "cellwarden/status", "offline"));
  house.simulator->end(SIGTERM);
  json faults;
  const auto true_readings = truth(house.truth_file(), faults);
  for (const auto& [id, state] : states) {
    INFO(id);
    CHECK(true_readings.at(id).count(essence(state)) == 1);
  }
}

TEST_CASE("a device that is unplugged or falls silent is offline, its neighbours are not, and it comes back") {
  House house;
  house.start_broker();
  house.listen();
  house.start_service();
  CHECK(becomes(*house.listener, "cellwarden/shed-8s/status", "online"));

  house.simulator->say("unplug shed-8s");
  CHECK(becomes(*house.listener, "cellwarden/shed-8s/status", "offline"));
  house.simulator->say("plug shed-8s");
  CHECK(becomes(*house.listener, "cellwarden/shed-8s/status", "online"));

  house.simulator->say("silence shed-8s 12");
  bool neighbour_lost = false;
  CHECK(house.listener->wait_for([&](const std::string& line) {
    neighbour_lost |= payload(line, "cellwarden/van-4s/status") == "offline";
    return payload(line, "cellwarden/shed-8s/status") == "offline";
  }));
  CHECK(becomes(*house.listener, "cellwarden/shed-8s/status", "online"));
  CHECK_FALSE(neighbour_lost);
  CHECK(house.log().find("shed-8s: offline") != std::string::npos);
}

TEST_CASE("a broker that is absent at the start, killed and wiped: everything is back by itself") {
  House house;
  house.start_service();
  house.start_broker();
  house.listen();
  CHECK(becomes(*house.listener, "cellwarden/van-4s/status", "online"));

  house.broker->end(SIGKILL);
  house.start_broker();
  house.listen();
  const auto began = std::chrono::steady_clock::now();
  std::set<std::string> wanted{"homeassistant/device/cellwarden_van-4s/config ", "cellwarden/van-4s/state ",
                               "cellwarden/van-4s/info ", "cellwarden/status online",
                               "cellwarden/van-4s/status online"};
  CHECK(house.listener->wait_for([&](const std::string& line) {
    std::erase_if(wanted, [&](const std::string& start) { return line.rfind(start, 0) == 0; });
    return wanted.empty();
  }));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::cout << "broker back -> everything announced again: " << took.count() << " s\n";
}

TEST_CASE("1 % of all frames damaged: nothing wrong is published, no pack is lost") {
  const char* long_run = std::getenv("CELLWARDEN_LONG");
  const std::chrono::seconds length(long_run ? 600 : 60);
  House house({"--damage", "0.01"});
  house.start_broker();
  house.listen();
  house.start_service();

  std::vector<std::pair<std::string, json>> published;
  std::map<std::string, int> lost;
  std::set<std::string> online;
  const auto end = std::chrono::steady_clock::now() + length;
  house.listener->wait_for(
      [&](const std::string& line) {
        for (const char* pack : House::packs) {
          const std::string id(pack);
          if (auto text = payload(line, "cellwarden/" + id + "/state")) published.emplace_back(id, json::parse(*text));
          const auto status = payload(line, "cellwarden/" + id + "/status");
          if (status == "online") online.insert(id);
          if (status == "offline" && online.count(id) > 0) ++lost[id];
        }
        return std::chrono::steady_clock::now() >= end;
      },
      length + std::chrono::seconds(30));
  house.service->end(SIGTERM);
  house.simulator->end(SIGTERM);

  json faults;
  const auto true_readings = truth(house.truth_file(), faults);
  int wrong = 0;
  for (const auto& [id, state] : published) {
    if (true_readings.at(id).count(essence(state)) == 0) {
      ++wrong;
      std::cout << "wrong: " << id << " " << state.dump() << '\n';
    }
  }
  std::cout << "published " << published.size() << " readings, wrong " << wrong << ", faults " << faults.dump() << '\n';
  CHECK(published.size() >= static_cast<std::size_t>(length.count()));
  CHECK(wrong == 0);
  CHECK(lost.empty());
  CHECK(faults.is_object());
}
