#pragma once
// Boards on one pty, and `probe --json` at work on it.
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/broker.h"
#include "tests/support/process.h"

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
