// probe on real ptys, against boards that speak from the documents.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <memory>

#include "tests/support/broker.h"
#include "tests/support/process.h"

namespace {

/// Boards on one pty, and `probe --json` at work on it.
class Probing {
 public:
  explicit Probing(const std::vector<std::string>& packs, const std::vector<std::string>& options = {},
                   const std::string& baud = "9600") {
    const std::string port = folder_.path / "port";
    std::vector<std::string> command{SIMULATOR, "--quiet", "--baud", baud};
    for (const auto& pack : packs) {
      const std::string name = "name=" + std::to_string(command.size());
      command.insert(command.end(), {"--pack", "path=" + port + "," + name + "," + pack});
    }
    simulator_ = std::make_unique<Process>(command);
    REQUIRE(simulator_->wait_for_text("ready"));
    command = {CELLWARDEN, "probe", "serial:" + port, "--json"};
    command.insert(command.end(), options.begin(), options.end());
    probe_ = std::make_unique<Process>(command, "/dev/null");
  }

  nlohmann::json found() {
    const auto line = probe_->wait_for([](const std::string&) { return true; }, std::chrono::seconds(300));
    CHECK(probe_->wait() == 0);
    CHECK(simulator_->end() == 0);  // 3 would be: a write was seen
    REQUIRE(line);
    return nlohmann::json::parse(*line);
  }

 private:
  cellwarden::test::TemporaryDirectory folder_;
  std::unique_ptr<Process> simulator_, probe_;
};

}  // namespace

TEST_CASE("probe: boards of different protocols on one line are found in one go, at their numbers and none beside") {
  const auto found = Probing({"protocol=jbd,cells=4", "protocol=daly-a5,address=3,cells=8",
                              "protocol=daly-a5,address=16,cells=12", "protocol=daly-modbus,cells=16"})
                         .found();
  REQUIRE(found.size() == 4);
  const auto at_cells = [&](int cells) {
    const auto one = std::ranges::find_if(found, [&](const auto& each) { return each["cells"] == cells; });
    return one == found.end() ? nlohmann::json() : *one;
  };
  CHECK(at_cells(4)["protocol"] == "jbd");
  CHECK(at_cells(4)["address"].is_null());
  CHECK(at_cells(8)["protocol"] == "daly-a5");
  CHECK(at_cells(8)["address"] == 3);
  CHECK(at_cells(12)["address"] == 16);
  CHECK(at_cells(16)["protocol"] == "daly-modbus");
  for (const auto& one : found) {
    CHECK(one["baud"] == 9600);
    CHECK(one["also"].empty());
  }
}

TEST_CASE("probe: a JK is found at its own baud rate") {
  const auto found = Probing({"protocol=jk-uart,cells=16"}, {"--baud", "115200"}).found();
  REQUIRE(found.size() == 1);
  CHECK(found[0]["protocol"] == "jk-uart");
}

TEST_CASE("probe: each protocol at its baud rates and addresses; not CELLWARDEN_LONG: at one of each") {
  struct Row {
    std::string protocol;
    std::vector<std::string> bauds;
    int first, last;  ///< 0: none
  };
  const std::vector<Row> rows = {{"jbd", {"9600"}, 0, 0},         {"jk-uart", {"115200"}, 0, 0},
                                 {"daly-modbus", {"9600"}, 0, 0}, {"jk-modbus", {"115200", "9600"}, 1, 15},
                                 {"daly-a5", {"9600"}, 1, 16},    {"daly-hkms", {"9600"}, 1, 16},
                                 {"jbd-up", {"9600"}, 1, 16}};
  struct One {
    std::string protocol, baud;
    int address;
    std::unique_ptr<Probing> probing;
  };
  std::deque<One> at_work;  // they mostly wait, so eight do it side by side
  const auto judge = [&] {
    const One one = std::move(at_work.front());
    at_work.pop_front();
    INFO(one.protocol << " at " << one.baud << " baud, address " << one.address);
    const auto found = one.probing->found();
    REQUIRE(found.size() == 1);
    CHECK(found[0]["protocol"] == one.protocol);
    CHECK(found[0]["address"] == (one.address > 0 ? nlohmann::json(one.address) : nlohmann::json()));
  };
  const bool all = std::getenv("CELLWARDEN_LONG") != nullptr;
  for (const Row& row : rows) {
    for (const auto& baud : row.bauds) {
      for (int address = all ? row.first : row.last; address <= row.last; ++address) {
        if (at_work.size() == 8) judge();
        const std::string number = std::to_string(address);
        std::vector<std::string> options{"--baud", baud};
        std::string pack = "cells=8,protocol=" + row.protocol;
        if (address > 0) options.insert(options.end(), {"--address", number}), pack += ",address=" + number;
        at_work.push_back({row.protocol, baud, address, std::make_unique<Probing>(std::vector{pack}, options, baud)});
      }
    }
  }
  while (!at_work.empty()) judge();
}

TEST_CASE("probe: a busy or missing port is said, with exit code 3") {
  Process probe({CELLWARDEN, "probe", "serial:/dev/no-such-port"}, "/dev/null");
  CHECK(probe.wait() == 3);
}
