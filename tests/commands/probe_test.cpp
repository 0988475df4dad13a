// probe on real ptys, against boards that speak from the documents.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include "tests/support/broker.h"
#include "tests/support/process.h"
#include "tests/support/pty.h"

namespace {

/// What `probe --json` prints for the port.
nlohmann::json probed(const std::string& port, int exit_code, const std::vector<std::string>& options = {}) {
  std::vector<std::string> command{CELLWARDEN, "probe", "serial:" + port, "--json"};
  command.insert(command.end(), options.begin(), options.end());
  Process probe(command, "/dev/null");
  const auto line = probe.wait_for([](const std::string&) { return true; }, std::chrono::seconds(300));
  CHECK(probe.wait() == exit_code);
  REQUIRE(line);
  return nlohmann::json::parse(*line);
}

nlohmann::json probed_simulation(const std::vector<std::string>& packs, const std::vector<std::string>& options = {}) {
  cellwarden::test::TemporaryDirectory folder;
  const std::string port = folder.path / "port";
  std::vector<std::string> command{SIMULATOR, "--quiet", "--baud", "9600"};
  for (const auto& pack : packs) {
    const std::string name = "name=" + std::to_string(command.size());
    command.insert(command.end(), {"--pack", "path=" + port + "," + name + "," + pack});
  }
  Process simulator(command);
  REQUIRE(simulator.wait_for_text("ready"));
  const auto found = probed(port, 0, options);
  CHECK(simulator.end() == 0);  // 3 would be: a write was seen
  return found;
}

}  // namespace

TEST_CASE("probe: boards of different protocols on one line are found in one go, at their numbers and none beside") {
  const auto found = probed_simulation({"protocol=jbd,cells=4", "protocol=daly-a5,address=3,cells=8",
                                        "protocol=daly-a5,address=16,cells=12", "protocol=daly-modbus,cells=16"});
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
  const auto found = probed_simulation({"protocol=jk-uart,cells=16"}, {"--baud", "115200"});
  REQUIRE(found.size() == 1);
  CHECK(found[0]["protocol"] == "jk-uart");
}

TEST_CASE("probe: a silent line and one where a stranger talks are told apart, and what was heard is shown") {
  cellwarden::test::TemporaryDirectory folder;
  Pty silent, strange;
  Process on_silence({CELLWARDEN, "probe", "serial:" + silent.path()}, folder.path / "silence");
  Process on_stranger({CELLWARDEN, "probe", "serial:" + strange.path()}, folder.path / "stranger");
  // Held open here too: between two bauds nobody else has it, and a line without a listener is a line that ended.
  const int held = open(strange.path().c_str(), O_RDWR | O_NOCTTY);
  std::atomic<bool> probing = true;
  std::thread stranger([&] {
    // Answers whatever it is asked in a language nobody knows here.
    while (probing) {
      if (!strange.wait_heard(100).empty()) strange.say({0xCA, 0xFE, 0x01, 0x02});
    }
  });
  CHECK(on_silence.wait() == 1);
  CHECK(on_stranger.wait() == 1);
  probing = false;
  stranger.join();
  close(held);
  const auto said = [&](const char* file) {
    std::ifstream in(folder.path / file);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  CHECK(said("silence").find("9600 baud: listening") < said("silence").find("9600 baud: jbd"));
  CHECK(said("silence").find("nobody answers on serial:" + silent.path()) != std::string::npos);
  CHECK(said("stranger").find("none of the protocols known here") != std::string::npos);
  CHECK(said("stranger").find("9600 baud: CA FE 01 02") != std::string::npos);
}

TEST_CASE("probe: a busy or missing port is said, with exit code 3") {
  Process probe({CELLWARDEN, "probe", "serial:/dev/no-such-port"}, "/dev/null");
  CHECK(probe.wait() == 3);
}
