// probe finds every protocol where it is, one after the other and side by side with the other programs.
#include <doctest/doctest.h>

#include <cstdlib>
#include <deque>

#include "tests/commands/probing.h"

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
