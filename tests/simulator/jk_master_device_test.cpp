// The master of a chain, beat by beat.
#include "tests/simulator/jk_master_device.h"

#include <doctest/doctest.h>

#include <map>

using namespace simulator;

namespace {

/// A master and the packs of a chain, on one wire.
struct Chain {
  explicit Chain(const std::vector<int>& addresses) {
    for (const int address : addresses) slaves.push_back(std::make_unique<JkModbusDevice>(pack, options(address)));
  }
  static JkModbusOptions options(int address) {
    JkModbusOptions of;
    of.address = address;
    return of;
  }
  /// What passes in a beat.
  std::vector<Octets> beat() {
    std::vector<Octets> passed;
    for (const Octets& said : master.unasked()) {
      passed.push_back(said);
      for (const auto& slave : slaves) {
        for (const Answer& answer : slave->receive(said)) {
          master.overhear(answer.bytes);
          passed.push_back(answer.bytes);
        }
      }
    }
    return passed;
  }
  PackModel pack{PackOptions{.cells = 4}};
  JkMasterDevice master{pack, options(0)};
  std::vector<std::unique_ptr<JkModbusDevice>> slaves;
};

}  // namespace

TEST_CASE("jk chain: in 4.4 s each pack says its cells and its settings, and so does the master by itself") {
  Chain chain({1, 2, 3});
  for (int beats = 0; beats < 38; ++beats) chain.beat();  // the first round finds who is there
  std::map<int, int> asked, own;
  for (int beats = 0; beats < 44; ++beats) {
    for (const Octets& passed : chain.beat()) {
      if (passed.size() == 11) ++asked[passed[0]];
      if (passed.size() == 310) CHECK(passed[301] >= 1);
      if (passed.size() == 300) ++own[passed[4]];
    }
  }
  CHECK(own == std::map<int, int>{{1, 1}, {2, 1}});
  for (int address = 1; address <= 15; ++address) CHECK(asked[address] == (address <= 3 ? 2 : 1));
}

TEST_CASE("jk chain: the master's own settings say 0; whatever is sent to it is an offence") {
  Chain chain({});
  int writes = 0;
  chain.master.on_write = [&](const Octets&) { ++writes; };
  std::vector<Octets> own;
  for (int beats = 0; beats < 38; ++beats) {
    for (const Octets& passed : chain.beat()) {
      if (passed.size() == 300) own.push_back(passed);
    }
  }
  REQUIRE(own.size() == 2);
  CHECK(own[0][4] == 2);
  CHECK(own[1][4] == 1);
  CHECK(own[1][270] == 0);
  CHECK(chain.master.intact(own[0]));
  CHECK(chain.master.receive({0x01, 0x03}).empty());
  CHECK(writes == 1);
}
