#pragma once
// A house over Bluetooth: that air, a real mosquitto, and the unchanged cellwarden binary.
#include <algorithm>
#include <functional>
#include <optional>
#include <sstream>

#include "tests/ble/ble_air.h"
#include "tests/daemon/truth.h"
#include "tests/support/broker.h"

class BleHouse : public BleAir {
 public:
  explicit BleHouse(std::vector<BlePack> the_packs = five_packs()) : BleAir(std::move(the_packs)) {
    broker.start();
    write_config();
    listener = std::make_unique<Process>(std::vector<std::string>{"mosquitto_sub", "-h", "127.0.0.1", "-p",
                                                                  std::to_string(broker.port), "-v", "-t",
                                                                  "cellwarden/+/state", "-t", "cellwarden/+/status"});
    service = std::make_unique<Process>(
        std::vector<std::string>{CELLWARDEN, "run", "--config", file("cellwarden.toml")}, file("cellwarden.log"));
  }

  /// Reads what is published until `done`, and keeps it.
  bool watch(const std::function<bool()>& done, std::chrono::seconds guard = std::chrono::seconds(120)) {
    return done() || listener->wait_for([&](const std::string& line) { return note(line), done(); }, guard).has_value();
  }
  void watch_for(std::chrono::seconds length) {
    watch([] { return false; }, length);
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
    const auto& taken_s = taken_s_[id];
    const auto first = std::ranges::upper_bound(taken_s, since_s);
    return first == taken_s.end() ? std::nullopt : std::optional(*first);
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

  void write_config() const {
    std::ofstream config(file("cellwarden.toml"));
    config << "[mqtt]\nbroker = \"" << broker.url() << "\"\npublish_min = \"500ms\"\npublish_max = \"2s\"\n"
           << "[service]\nstate_dir = \"" << file("") << "\"\n";
    for (const BlePack& pack : packs) {
      config << "[[pack]]\nid = \"" << pack.id << "\"\nlink = \"ble:" << pack.address << "\"\npoll = \"1s\"\n"
             << pack.config;
      if (pack.config.find("protocol") == std::string::npos) config << "protocol = \"" << pack.protocol << "\"\n";
    }
  }

 private:
  void note(const std::string& line) {
    for (const BlePack& pack : packs) {
      const std::string topic = "cellwarden/" + pack.id + "/";
      if (line.starts_with(topic + "state ")) {
        states[pack.id].push_back(json::parse(line.substr(topic.size() + 6)));
        taken_s_[pack.id].push_back(Truth::utc_s(states[pack.id].back().at("taken_at")));
      }
      if (line.starts_with(topic + "status ")) {
        status[pack.id] = line.substr(topic.size() + 7);
        if (status[pack.id] == "offline" && !states[pack.id].empty()) ++went_offline[pack.id];
      }
    }
  }

  std::map<std::string, std::vector<double>> taken_s_;  ///< of the states

 public:
  cellwarden::test::Broker broker;
  std::unique_ptr<Process> listener, service;
  std::map<std::string, std::string> status;
  std::map<std::string, std::vector<json>> states;
  std::map<std::string, int> went_offline;
};

#define WITH_LOGS(house) \
  INFO((house).log("bluetoothd.log") << (house).log("links") << (house).log("cellwarden.log") << (house).summary())
