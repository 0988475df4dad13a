#pragma once
// The whole house for one test: simulated packs on real ptys, a real mosquitto, the unchanged cellwarden binary, and a
// subscriber that sees what an owner's dashboard would see.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/broker.h"
#include "tests/support/process.h"

/// The payload when `line` is a message on `topic`.
inline std::optional<std::string> payload(const std::string& line, const std::string& topic) {
  if (line.rfind(topic + " ", 0) != 0) return std::nullopt;
  return line.substr(topic.size() + 1);
}

/// One pack of the house: how the simulator makes it, and how the config names it.
struct HousePack {
  std::string id;
  std::string simulated;  ///< "cells=4,ah=100"; the path is added
  std::string config;     ///< lines of its [[pack]] beside id and link: "protocol = ..."
  std::string port = id;  ///< packs of one port share its name
};

inline std::vector<HousePack> three_jbd_packs(const std::string& poll = "1s") {
  std::vector<HousePack> all;
  for (const char* cells : {"4", "8", "16"}) {
    const std::string n(cells);
    all.push_back({n + "s", "cells=" + n + ",ah=100,soc=60,current=20,seed=" + n,
                   "protocol = \"jbd\"\npoll = \"" + poll + "\"\n"});
  }
  return all;
}

/// Each protocol once, the JBD twice.
inline std::vector<HousePack> one_of_each_protocol(const std::string& poll) {
  std::vector<HousePack> all = three_jbd_packs(poll);
  const std::string polled = "poll = \"" + poll + "\"\n";
  all[1] = {"8s", "protocol=daly-a5,cells=8,ah=100,soc=60,current=20,seed=8", "protocol = \"daly-a5\"\n" + polled};
  all.push_back(
      {"jk", "protocol=jk-uart,cells=16,ah=100,soc=60,current=20,seed=9", "protocol = \"jk-uart\"\n" + polled});
  return all;
}

class House {
 public:
  explicit House(std::vector<HousePack> the_packs = three_jbd_packs(),
                 const std::vector<std::string>& simulator_options = {})
      : packs(std::move(the_packs)) {
    std::vector<std::string> command{SIMULATOR, "--truth", truth_file(), "--quiet"};
    if (std::ranges::find(simulator_options, "--baud") == simulator_options.end()) {
      command.insert(command.end(), {"--baud", "9600"});
    }
    for (const HousePack& pack : packs) {
      command.push_back("--pack");
      command.push_back("path=" + file(pack.port) + ",name=" + pack.id + "," + pack.simulated);
    }
    command.insert(command.end(), simulator_options.begin(), simulator_options.end());
    simulator = std::make_unique<Process>(command);
    if (!simulator->wait_for_text("ready")) throw std::runtime_error("the simulator did not start");
    write_config(packs);
  }

  /// "TOPIC PAYLOAD" a line, from everything retained on.
  void listen() {
    listener = std::make_unique<Process>(std::vector<std::string>{"mosquitto_sub", "-h", "127.0.0.1", "-p",
                                                                  std::to_string(broker.port), "-v", "-t", "#"},
                                         file("mosquitto_sub.log"));
  }
  void start_service(const std::vector<std::string>& options = {}) {
    std::vector<std::string> command{CELLWARDEN, "run", "--config", file("cellwarden.toml")};
    command.insert(command.end(), options.begin(), options.end());
    service = std::make_unique<Process>(command, file("cellwarden.log"));
  }

  std::string log() const {
    std::ifstream in(file("cellwarden.log"));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string truth_file() const { return file("truth.jsonl"); }
  std::string file(const std::string& name) const { return (folder_.path / name).string(); }

  /// `more`: further lines, after the packs.
  void write_config(const std::vector<HousePack>& of, const std::string& more = "") const {
    std::ofstream config(file("cellwarden.toml"));
    config << "[mqtt]\nbroker = \"" << broker.url() << "\"\npublish_min = \"200ms\"\npublish_max = \"500ms\"\n"
           << "[service]\nstate_dir = \"" << folder_.path.string() << "\"\n";
    for (const HousePack& pack : of) {
      config << "[[pack]]\nid = \"" << pack.id << "\"\nlink = \"serial:" << file(pack.port) << "\"\n" << pack.config;
    }
    config << more;
  }

 private:
  cellwarden::test::TemporaryDirectory folder_;

 public:
  const std::vector<HousePack> packs;
  cellwarden::test::Broker broker;  ///< keeps nothing over a restart
  std::unique_ptr<Process> simulator, listener, service;
};
