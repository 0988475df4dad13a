#pragma once
// The air of a throw-away machine (tests/ble/vm): simulated boards, the kernel's stack, a real bluetoothd.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

struct BlePack {
  std::string id, address;
  std::string protocol;
  std::string simulated;    ///< further keys of --pack
  std::string config = {};  ///< further lines of its [[pack]]
};

/// All three brands, both generations of JK and both of Daly; public and random addresses, both layouts of JK's module.
inline std::vector<BlePack> five_packs() {
  return {{"jk-new", "C8:47:8C:00:00:01", "jk-ble", "cells=16,layout=32s,gatt=1,seed=1"},
          {"jk-old", "C8:47:80:00:00:02", "jk-ble", "cells=8,layout=24s,gatt=2,random=1,seed=2"},
          {"daly-new", "40:18:03:00:00:03", "daly-modbus", "cells=16,seed=3"},
          {"daly-old", "40:18:03:00:00:04", "daly-a5", "cells=8,all_frames=1,seed=4"},
          {"jbd", "A4:C1:37:00:00:05", "jbd", "cells=4,seed=5"}};
}

class BleAir {
 public:
  explicit BleAir(std::vector<BlePack> the_packs = five_packs()) : packs(std::move(the_packs)) {
    std::vector<std::string> command{SIMULATOR, "--quiet", "--truth", file("truth"), "--links", file("links")};
    for (const BlePack& pack : packs) {
      command.push_back("--pack");
      command.push_back("name=" + pack.id + ",ble=" + pack.address + ",protocol=" + pack.protocol + "," +
                        pack.simulated);
    }
    simulator = std::make_unique<Process>(command);
    if (!simulator->wait_for_text("ready")) throw std::runtime_error("the simulator did not start");
    start_bluetoothd();
  }

  void start_bluetoothd() {
    bluetoothd = std::make_unique<Process>(std::vector<std::string>{"/usr/libexec/bluetooth/bluetoothd", "-n"},
                                           file("bluetoothd.log"));
  }

  /// The last time a central came to that pack; 0: never.
  double linked_s(const std::string& id) {
    if (!links_.is_open()) links_.open(file("links"));
    for (std::string line; std::getline(links_, line);) {
      const auto what = line.find(" linked ");
      if (what != std::string::npos) last_linked_s_[line.substr(0, what)] = std::stod(line.substr(what + 8));
    }
    links_.clear();  // its end, so far
    return last_linked_s_[id];
  }
  static double now_s() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  }

  std::string log(const std::string& name) const {
    std::ifstream in(file(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string file(const std::string& name) const { return (folder_.path / name).string(); }

 private:
  cellwarden::test::TemporaryDirectory folder_;
  std::ifstream links_;
  std::map<std::string, double> last_linked_s_;

 public:
  std::vector<BlePack> packs;
  std::unique_ptr<Process> simulator, bluetoothd;
};

/// Only with CELLWARDEN_LONG=1.
inline bool too_long() { return std::getenv("CELLWARDEN_LONG") == nullptr; }
