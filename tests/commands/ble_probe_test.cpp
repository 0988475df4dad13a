// Which protocol a Bluetooth device speaks: simulated boards behind a fake bluetoothd.
#include <doctest/doctest.h>

#include <list>

#include "daemon/finding/ble_finder.h"
#include "tests/links/ble_world.h"
#include "tests/simulator/devices.h"
#include "tests/simulator/pack_text.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

constexpr const char* address = "AA:00:00:00:00:01";

/// A board of the simulator as a device of the fake bluetoothd.
struct Board {
  Board(BleWorld& in, const std::string& text, const std::string& service, const std::string& notify,
        const std::string& write)
      : world(in),
        keys("--pack", "name=board," + text),
        pack(simulator::pack_options(keys, "board")),
        speaker(simulator::make_device(pack, keys)),
        shown(in.bluez.device(address, "House")) {
    shown.service = service;
    shown.characteristics = {{notify, {"notify"}}, {write, {"write-without-response"}}};
    speaker->on_write = [this](const simulator::Octets&) { ++writes; };
    shown.answer = [this](const Buffer& request) {
      std::vector<Buffer> answers;
      for (const auto& answer : speaker->receive(request)) answers.push_back(answer.bytes);
      for (const auto& pushed : speaker->unasked()) answers.push_back(pushed);
      return answers;
    };
  }

  BleWorld& world;
  simulator::Keys keys;
  simulator::PackModel pack;
  std::unique_ptr<simulator::Device> speaker;
  FakeBluez::Device& shown;
  int writes = 0;
};

struct Told {
  std::string protocol, fault;
  std::vector<std::string> lines;
};

Told probed(BleWorld& world, const std::string& device = address) {
  Told told;
  finding::Place place{{LinkAddress::Kind::ble, device}};
  finding::BleFinder finder(world.ours(), place, [&](const std::string& line) { told.lines.push_back(line); });
  told.fault = world.run(finder.run());
  if (finder.findings.found.size() == 1) told.protocol = finder.findings.found.front().how.protocol->id;
  return told;
}

}  // namespace

TEST_CASE("probe ble: the protocol is told by what the board answers, whatever others its service may carry") {
  struct Case {
    const char *board, *service, *notify, *write, *protocol;
  };
  const Case cases[] = {
      {"protocol=jbd,cells=4", "ff00", "ff01", "ff02", "jbd"},
      {"protocol=jbd,cells=4", "fff0", "fff1", "fff2", "jbd"},
      {"protocol=daly-modbus,cells=8", "fff0", "fff1", "fff2", "daly-modbus"},
      {"protocol=daly-a5,cells=8", "fff0", "fff1", "fff2", "daly-a5"},
  };
  for (const auto& [board_text, service, notify, write, protocol] : cases) {
    CAPTURE(std::string(board_text));
    BleWorld world;
    Board board(world, board_text, service, notify, write);
    const Told told = probed(world);
    CHECK(told.fault == "");
    CHECK(told.protocol == protocol);
    CHECK(board.writes == 0);
  }
}

TEST_CASE("probe ble: a device whose services are no BMS' is asked nothing") {
  BleWorld world;
  auto& headphones = world.bluez.device(address, "Headphones");
  headphones.service = "180f";
  headphones.characteristics = {{"2a19", {"notify"}}, {"2a1a", {"write"}}};
  const Told told = probed(world);
  CHECK(told.protocol == "");
  CHECK(told.fault != "");
  CHECK(headphones.written.empty());
}
