// probe on real ptys, against boards that speak from the documents.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <algorithm>

#include "tests/commands/probing.h"

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

TEST_CASE("probe: a chain that asks itself is followed, all of it, and nothing is sent") {
  const auto found =
      Probing({"protocol=jk-listen,address=0,cells=8,seed=1", "protocol=jk-listen,address=1,cells=8,seed=2",
               "protocol=jk-listen,address=2,cells=8,seed=3"},
              {"--baud", "115200"}, "115200")
          .found();
  REQUIRE(found.size() == 3);
  for (int address = 0; address < 3; ++address) {
    CHECK(found[static_cast<std::size_t>(address)]["protocol"] == "jk-listen");
    CHECK(found[static_cast<std::size_t>(address)]["address"] == address);
  }
}

TEST_CASE("probe: one board that answers in two protocols of its brand is one pack") {
  const std::string board = ",address=5,cells=8,soc=60,current=0,load=0,seed=5";
  const auto found = Probing({"protocol=daly-a5" + board, "protocol=daly-hkms" + board}, {"--address", "5"}).found();
  REQUIRE(found.size() == 1);
  CHECK(found[0]["protocol"] == "daly-a5");
  REQUIRE(found[0]["also"].size() == 1);
  CHECK(found[0]["also"][0]["protocol"] == "daly-hkms");
  CHECK(found[0]["also"][0]["address"] == 5);
}

TEST_CASE("probe: a busy or missing port is said, with exit code 3") {
  Process probe({CELLWARDEN, "probe", "serial:/dev/no-such-port"}, "/dev/null");
  CHECK(probe.wait() == 3);
}
