#pragma once
// A house over Bluetooth, for a throw-away machine (tests/ble/vm): simulated boards on the air, the kernel's stack, a
// real bluetoothd and mosquitto, the unchanged cellwarden binary.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/daemon/truth.h"
#include "tests/support/broker.h"
#include "tests/support/process.h"

struct BlePack {
  std::string id, address;
  std::string protocol;
  std::string simulated;  ///< further keys of --pack
};

/// All three brands, both generations of JK and both of Daly; public and random addresses, both layouts of JK's module.
inline std::vector<BlePack> five_packs() {
  return {{"jk-new", "C8:47:8C:00:00:01", "jk-ble", "cells=16,layout=32s,gatt=1,seed=1"},
          {"jk-old", "C8:47:80:00:00:02", "jk-ble", "cells=8,layout=24s,gatt=2,random=1,seed=2"},
          {"daly-new", "40:18:03:00:00:03", "daly-modbus", "cells=16,seed=3"},
          {"daly-old", "40:18:03:00:00:04", "daly-a5", "cells=8,all_frames=1,seed=4"},
          {"jbd", "A4:C1:37:00:00:05", "jbd", "cells=4,seed=5"}};
}

class BleHouse {
 public:
  explicit BleHouse(std::vector<BlePack> the_packs = five_packs()) : packs(std::move(the_packs)) {
    std::vector<std::string> command{SIMULATOR, "--quiet", "--truth", file("truth"), "--links", file("links")};
    for (const BlePack& pack : packs) {
      command.push_back("--pack");
      command.push_back("name=" + pack.id + ",ble=" + pack.address + ",protocol=" + pack.protocol + "," +
                        pack.simulated);
    }
    simulator = std::make_unique<Process>(command);
    if (!simulator->wait_for_text("ready")) throw std::runtime_error("the simulator did not start");
    start_bluetoothd();
    broker.start();
    write_config();
    listener = std::make_unique<Process>(std::vector<std::string>{"mosquitto_sub", "-h", "127.0.0.1", "-p",
                                                                  std::to_string(broker.port), "-v", "-t",
                                                                  "cellwarden/+/state", "-t", "cellwarden/+/status"});
    service = std::make_unique<Process>(
        std::vector<std::string>{CELLWARDEN, "run", "--config", file("cellwarden.toml")}, file("cellwarden.log"));
  }

  void start_bluetoothd() {
    bluetoothd = std::make_unique<Process>(std::vector<std::string>{"/usr/libexec/bluetooth/bluetoothd", "-n"},
                                           file("bluetoothd.log"));
  }

  /// Reads what is published until `done`, and keeps it.
  bool watch(const std::function<bool()>& done, std::chrono::seconds guard = std::chrono::seconds(120)) {
    return done() || listener->wait_for([&](const std::string& line) { return note(line), done(); }, guard).has_value();
  }
  bool all_online() {
    return watch([&] {
      return std::ranges::all_of(
          packs, [&](const BlePack& pack) { return status[pack.id] == "online" && !states[pack.id].empty(); });
    });
  }
  bool all_offline() {
    return watch([&] { return std::ranges::all_of(packs, [&](const BlePack& pack) { return is_offline(pack.id); }); });
  }
  bool is_offline(const std::string& id) { return status[id] == "offline"; }
  /// When the first published reading after `since_s` was taken.
  std::optional<double> value_after(const std::string& id, double since_s) {
    for (const json& state : states[id]) {
      const double taken_s = Truth::utc_s(state.at("taken_at"));
      if (taken_s > since_s) return taken_s;
    }
    return std::nullopt;
  }
  /// The last time a central came to that pack; 0: never.
  double linked_s(const std::string& id) const {
    std::ifstream lines(file("links"));
    double last = 0, at = 0;
    for (std::string name, what; lines >> name >> what >> at;) {
      if (name == id && what == "linked") last = at;
    }
    return last;
  }
  static double now_s() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  }

  /// What is wrong with all that was published so far; empty when nothing is.
  std::string faults() {
    Truth truth(file("truth"), true);
    std::string found;
    for (const BlePack& pack : packs) {
      for (const json& state : states[pack.id]) {
        const std::string fault = truth.fault_of(pack.id, state);
        if (!fault.empty()) found += pack.id + ": " + fault + ": " + state.dump() + "\n";
      }
    }
    return found;
  }

  /// Where each pack stands, for a test that fails.
  std::string summary() {
    std::ostringstream text;
    for (const BlePack& pack : packs)
      text << pack.id << ": " << status[pack.id] << ", " << states[pack.id].size() << " states\n";
    return text.str();
  }
  std::string log(const std::string& name = "cellwarden.log") const {
    std::ifstream in(file(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string file(const std::string& name) const { return (folder_.path / name).string(); }

 private:
  void write_config() const {
    std::ofstream config(file("cellwarden.toml"));
    config << "[mqtt]\nbroker = \"" << broker.url() << "\"\npublish_min = \"500ms\"\npublish_max = \"2s\"\n"
           << "[service]\nstate_dir = \"" << folder_.path.string() << "\"\n";
    for (const BlePack& pack : packs) {
      config << "[[pack]]\nid = \"" << pack.id << "\"\nlink = \"ble:" << pack.address << "\"\nprotocol = \""
             << pack.protocol << "\"\npoll = \"1s\"\n";
    }
  }
  void note(const std::string& line) {
    for (const BlePack& pack : packs) {
      const std::string topic = "cellwarden/" + pack.id + "/";
      if (line.rfind(topic + "state ", 0) == 0) states[pack.id].push_back(json::parse(line.substr(topic.size() + 6)));
      if (line.rfind(topic + "status ", 0) == 0) {
        status[pack.id] = line.substr(topic.size() + 7);
        if (status[pack.id] == "offline" && !states[pack.id].empty()) ++went_offline[pack.id];
      }
    }
  }

  cellwarden::test::TemporaryDirectory folder_;

 public:
  const std::vector<BlePack> packs;
  cellwarden::test::Broker broker;
  std::unique_ptr<Process> simulator, bluetoothd, listener, service;
  std::map<std::string, std::string> status;
  std::map<std::string, std::vector<json>> states;
  std::map<std::string, int> went_offline;
};
