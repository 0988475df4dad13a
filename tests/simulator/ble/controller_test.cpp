// The controller between a host and boards: HCI packets as the core specification and Linux have them.
#include "tests/simulator/ble/controller.h"

#include <doctest/doctest.h>

#include "tests/simulator/ble/test_host.h"

using namespace simulator;
using namespace simulator::ble;
using namespace std::chrono_literals;

namespace {

PeripheralOptions board_at(const std::string& address, bool random = false) {
  return {.address = address_from(address, random),
          .advertisement = {0x02, 0x01, 0x06},
          .scan_response = {0x03, 0x09, 'A', 'B'},
          .services = {{0xFF00, {{0xFF01, notifies}, {0xFF02, writes_command}}}},
          .rssi = -70};
}

/// Two boards on the air.
struct Air : TestHost {
  Parrot parrot, other_parrot;
  Peripheral board{board_at("A4:C1:37:00:00:01"), timers, parrot,
                   [this](const Octets& b) { return parrot.receive(b); }};
  Peripheral other{board_at("C8:47:8C:00:00:02", true), timers, other_parrot,
                   [this](const Octets& b) { return other_parrot.receive(b); }};
  Air() { controller.add(board), controller.add(other); }

  std::vector<Octets> reports(Milliseconds length) { return events_in(after(length), 0x3E); }
};

using O = Octets;
const O first_report{0x02, 1, 0, 0, 0x01, 0, 0, 0x37, 0xC1, 0xA4, 3, 0x02, 0x01, 0x06, 0xBA};
const O first_response{0x02, 1, 4, 0, 0x01, 0, 0, 0x37, 0xC1, 0xA4, 4, 0x03, 0x09, 'A', 'B', 0xBA};

}  // namespace

TEST_CASE("controller: it says what it is, and refuses what it has not") {
  Air air;
  const auto answer_to = [&](int opcode, const O& parameters = {}) {
    air.command(opcode, parameters);
    return air.after(0ms).at(0);
  };
  CHECK(answer_to(0x0C03) == O{4, 0x0E, 4, 1, 0x03, 0x0C, 0});
  CHECK(answer_to(0x1001) == O{4, 0x0E, 12, 1, 0x01, 0x10, 0, 8, 0, 0, 8, 0xF1, 0x05, 0, 0});
  CHECK(answer_to(0x1003) == O{4, 0x0E, 12, 1, 0x03, 0x10, 0, 0, 0, 0, 0, 0x60, 0, 0, 0});
  CHECK(answer_to(0x2002) == O{4, 0x0E, 7, 1, 0x02, 0x20, 0, 251, 0, 8});
  CHECK(answer_to(0x1002).size() == 4 + 3 + 64);
  CHECK(answer_to(0x2042) == O{4, 0x0E, 4, 1, 0x42, 0x20, 1});  // extended scanning is version 5
}

TEST_CASE("controller: an active scan brings advertisement and scan response, a passive one the first alone") {
  Air air;
  air.scan(true);
  auto reports = air.reports(40ms);
  REQUIRE(reports.size() == 4);
  CHECK(reports[0] == first_report);
  CHECK(reports[1] == first_response);
  CHECK(reports[2][3] == 1);  // random
  CHECK(air.reports(200ms).size() == 4);
  air.scan(false);
  reports = air.reports(40ms);
  REQUIRE(reports.size() == 2);
  CHECK(reports[0] == first_report);
  air.command(0x200C, {0, 0});
  CHECK(air.reports(1s).empty());
}

TEST_CASE("controller: a scan can tell of each once, or of the accept list alone") {
  Air air;
  air.scan(false, true);
  CHECK(air.reports(2s).size() == 2);
  air.command(0x2011, air.board.options().address.on_the_wire());
  air.scan(false, false, true);
  CHECK(air.reports(40ms) == std::vector<O>{first_report});
  air.command(0x2012, air.board.options().address.on_the_wire());
  CHECK(air.reports(1s).empty());
}

TEST_CASE("controller: a linked board is silent on the air and answers over the link") {
  Air air;
  const int handle = air.link(air.board.options().address);
  REQUIRE(handle > 0);
  CHECK(air.parrot.links == 1);
  air.scan(false);
  CHECK(air.reports(40ms).size() == 1);
  air.command(0x200C, {0, 0});
  air.after(0ms);
  air.attribute(handle, {0x02, 0x05, 0x02});
  const auto packets = air.after(0ms);
  CHECK(events_in(packets, 0x13) == std::vector<O>{{1, 0x40, 0, 1, 0}});
  CHECK(attributes_in(packets) == std::vector<O>{{0x03, 247, 0}});
  CHECK(packets[1] == O{2, 0x40, 0x20, 7, 0, 3, 0, 4, 0, 0x03, 247, 0});
}

TEST_CASE("controller: a packet in pieces is one, a long answer goes out in pieces") {
  Air air;
  const int handle = air.link(air.board.options().address);
  air.attribute(handle, {0x02, 0x05, 0x02});
  air.attribute(handle, {0x12, 0x04, 0x00, 0x01, 0x00});
  air.after(0ms);
  Octets value(240, 0x5A);
  const Octets pdu = Put().u8(0x52).u16(6).all(value);
  const Octets whole = Put().u16(243).u16(4).all(pdu);
  air.controller.receive(Put().u8(2).u16(handle).u16(100).all(part(whole, 0, 100)));
  air.controller.receive(Put().u8(2).u16(handle | 0x1000).u16(147).all(part(whole, 100)));
  const auto packets = air.after(100ms);
  REQUIRE(attributes_in(packets).size() == 1);
  CHECK(attributes_in(packets)[0] == O(Put().u8(0x1B).u16(3).all(value)));
  CHECK(events_in(packets, 0x13).size() == 2);
}

TEST_CASE("controller: links end by the board, by loss, by the host; each says why") {
  Air air;
  const auto ended = [&] {
    const auto events = events_in(air.after(100ms), 0x05);
    return events.size() == 1 ? int{events[0][3]} : -1;
  };
  for (int round = 0; round < 2; ++round) {
    REQUIRE(air.link(air.board.options().address) == 0x40);
    air.board.drop();
    CHECK(ended() == 0x13);
    REQUIRE(air.link(air.board.options().address) == 0x40);
    air.board.leave();
    CHECK(ended() == 0x08);
    CHECK(air.link(air.board.options().address) == -1);
    air.command(0x200E);
    air.board.come_back();
    CHECK(air.link(air.board.options().address) == 0x40);
    air.command(0x0406, {0x40, 0, 0x13});
    CHECK(ended() == 0x16);
  }
  air.command(0x0406, {0x77, 0, 0x13});
  CHECK(events_in(air.after(0ms), 0x0F) == std::vector<O>{{0x02, 1, 0x06, 0x04}});
}

TEST_CASE("controller: two links at once have handles and boards of their own") {
  Air air;
  const int one = air.link(air.board.options().address), two = air.link(air.other.options().address);
  CHECK(one != two);
  for (const int handle : {one, two}) air.attribute(handle, {0x12, 0x04, 0x00, 0x01, 0x00});
  air.after(0ms);
  air.attribute(two, {0x52, 0x06, 0x00, 0x11});
  const auto packets = air.after(100ms);
  REQUIRE(attributes_in(packets).size() == 1);
  CHECK(packets.back()[1] == two);
  air.board.drop();
  air.attribute(two, {0x52, 0x06, 0x00, 0x22});
  CHECK(attributes_in(air.after(100ms)).size() == 1);
}

TEST_CASE("controller: dialling goes on until the board is there or the host has had enough") {
  Air air;
  air.board.leave();
  CHECK(air.link(air.board.options().address) == -1);
  air.dial(air.other.options().address);  // a second one
  CHECK(events_in(air.after(0ms), 0x0F) == std::vector<O>{{0x0C, 1, 0x0D, 0x20}});
  air.board.come_back();
  const auto events = events_in(air.after(300ms), 0x3E);
  REQUIRE(events.size() == 1);
  CHECK(events[0][1] == 0);
  air.dial(address_from("00:11:22:33:44:55", false));
  air.after(1s);
  air.command(0x200E);
  const auto packets = air.after(0ms);
  CHECK(events_in(packets, 0x0E).at(0)[3] == 0);
  CHECK(events_in(packets, 0x3E).at(0)[1] == 0x02);
  air.command(0x200E);
  CHECK(events_in(air.after(0ms), 0x0E).at(0)[3] == 0x0C);
}

TEST_CASE("controller: pairing and signalling are turned down") {
  Air air;
  const int handle = air.link(air.board.options().address);
  air.l2cap(handle, 6, {0x01, 0x03, 0x00, 0x01, 0x10, 0x07, 0x07});
  air.l2cap(handle, 5, {0x12, 0x09, 0x00, 0x00});
  const auto packets = air.after(0ms);
  CHECK(packets[1] == O{2, 0x40, 0x20, 6, 0, 2, 0, 6, 0, 0x05, 0x05});
  CHECK(packets[3] == O{2, 0x40, 0x20, 10, 0, 6, 0, 5, 0, 0x01, 0x09, 2, 0, 0, 0});
}

TEST_CASE("controller: a reset ends all of it without a word") {
  Air air;
  air.link(air.board.options().address);
  air.scan(false);
  air.after(0ms);
  air.command(0x0C03);
  CHECK(air.after(1s).size() == 1);
  CHECK(air.board.audible());
}
