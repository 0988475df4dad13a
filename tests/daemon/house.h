#pragma once
// The whole house for one test: simulated packs on real ptys, a real mosquitto, the unchanged cellwarden binary, and a
// subscriber that sees what an owner's dashboard would see.
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/broker.h"
#include "tests/support/process.h"

class House {
 public:
  explicit House(const std::vector<std::string>& simulator_options = {}) {
    std::vector<std::string> command{SIMULATOR, "--truth", truth_file(), "--baud", "9600", "--quiet"};
    for (const char* name : packs) {
      const std::string text(name);
      const std::string cells = text.substr(text.rfind('-') + 1, text.size() - text.rfind('-') - 2);
      command.push_back("--pack");
      command.push_back("path=" + file(name) + ",cells=" + cells + ",ah=100,soc=60,current=20,seed=" + cells);
    }
    command.insert(command.end(), simulator_options.begin(), simulator_options.end());
    simulator = std::make_unique<Process>(command);
    if (!simulator->wait_for_text("ready")) throw std::runtime_error("the simulator did not start");
    write_config();
  }

  /// "TOPIC PAYLOAD" a line, from everything retained on.
  void listen() {
    listener = std::make_unique<Process>(std::vector<std::string>{"mosquitto_sub", "-h", "127.0.0.1", "-p",
                                                                  std::to_string(broker.port), "-v", "-t", "#"},
                                         file("mosquitto_sub.log"));
  }
  void start_service() {
    service = std::make_unique<Process>(
        std::vector<std::string>{CELLWARDEN, "run", "--config", file("cellwarden.toml")}, file("cellwarden.log"));
  }

  std::string log() const {
    std::ifstream in(file("cellwarden.log"));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string truth_file() const { return file("truth.jsonl"); }
  std::string file(const std::string& name) const { return (folder_.path / name).string(); }

  static constexpr const char* packs[] = {"van-4s", "shed-8s", "house-16s"};

 private:
  void write_config() const {
    std::ofstream config(file("cellwarden.toml"));
    config << "[mqtt]\nbroker = \"" << broker.url() << "\"\npublish_min = \"200ms\"\npublish_max = \"500ms\"\n"
           << "[service]\nstate_dir = \"" << folder_.path.string() << "\"\n";
    for (const char* name : packs) {
      config << "[[pack]]\nid = \"" << name << "\"\nprotocol = \"jbd\"\nlink = \"serial:" << file(name)
             << "\"\npoll = \"1s\"\n";
    }
  }

  cellwarden::test::TemporaryDirectory folder_;

 public:
  cellwarden::test::Broker broker;  ///< keeps nothing over a restart
  std::unique_ptr<Process> simulator, listener, service;
};
