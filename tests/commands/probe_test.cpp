// probe on real ptys, against boards that speak from the documents.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/support/broker.h"
#include "tests/support/process.h"
#include "tests/support/pty.h"

namespace {

/// What `probe --json` prints for the port.
nlohmann::json probed(const std::string& port, int exit_code) {
  Process probe({CELLWARDEN, "probe", "serial:" + port, "--json"}, "/dev/null");
  const auto line = probe.wait_for([](const std::string&) { return true; });
  CHECK(probe.wait() == exit_code);
  REQUIRE(line);
  return nlohmann::json::parse(*line);
}

nlohmann::json probed_simulation(const std::vector<std::string>& packs) {
  cellwarden::test::TemporaryDirectory folder;
  const std::string port = folder.path / "port";
  std::vector<std::string> command{SIMULATOR, "--quiet", "--baud", "9600"};
  for (const auto& pack : packs) {
    const std::string name = "name=" + std::to_string(command.size());
    command.insert(command.end(), {"--pack", "path=" + port + "," + name + "," + pack});
  }
  Process simulator(command);
  REQUIRE(simulator.wait_for_text("ready"));
  const auto found = probed(port, 0);
  CHECK(simulator.end() == 0);  // 3 would be: a write was seen
  return found;
}

}  // namespace

TEST_CASE("probe: a JBD is found by its own reads") {
  const auto found = probed_simulation({"protocol=jbd,cells=4"});
  REQUIRE(found.size() == 1);
  CHECK(found[0]["protocol"] == "jbd");
  CHECK(found[0]["cells"] == 4);
  CHECK(found[0]["address"].is_null());
}

TEST_CASE("probe: several Daly boards on one line are all found, with their numbers") {
  const auto found = probed_simulation({"protocol=daly-a5,address=1,cells=8", "protocol=daly-a5,address=3,cells=16"});
  REQUIRE(found.size() == 2);
  CHECK(found[0]["address"] == 1);
  CHECK(found[1]["address"] == 3);
  CHECK(found[1]["cells"] == 16);
}

TEST_CASE("probe: a JK is found at its own baud rate") {
  const auto found = probed_simulation({"protocol=jk-uart,cells=16"});
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
  CHECK(said("silence").find("nobody answers on serial:" + silent.path()) != std::string::npos);
  CHECK(said("stranger").find("none of the protocols known here") != std::string::npos);
  CHECK(said("stranger").find("9600 baud: CA FE 01 02") != std::string::npos);
}

TEST_CASE("probe: a busy or missing port is said, with exit code 3") {
  Process probe({CELLWARDEN, "probe", "serial:/dev/no-such-port"}, "/dev/null");
  CHECK(probe.wait() == 3);
}
