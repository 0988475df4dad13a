// What a board's notifications go through, seen from the central's end.
#include "tests/simulator/ble/peripheral.h"

#include <doctest/doctest.h>

#include "tests/simulator/ble/test_host.h"

using namespace simulator;
using namespace simulator::ble;
using namespace std::chrono_literals;

namespace {

constexpr int notify_handle = 3, subscription = 4, write_handle = 6;

struct Linked : TestHost {
  explicit Linked(std::size_t chunk = 0, const std::string& greeting = "", int mtu = 247)
      : board({.address = address_from("A4:C1:37:00:00:01", false),
               .services = {{0xFF00, {{0xFF01, notifies}, {0xFF02, writes_command}}}},
               .mtu = mtu,
               .chunk = chunk,
               .greeting = greeting},
              timers, parrot, [this](const Octets& bytes) { return parrot.receive(bytes); }) {
    controller.add(board);
    connect();
  }
  void connect() {
    handle = link(board.options().address);
    attribute(handle, {0x02, 0x05, 0x02});
    after(0ms);
  }
  void subscribe() { attribute(handle, {0x12, subscription, 0x00, 0x01, 0x00}); }
  void ask(const Octets& bytes) { attribute(handle, Put().u8(0x52).u16(write_handle).all(bytes)); }
  std::vector<Octets> notified(Milliseconds length) { return notified_in(after(length)); }
  static std::vector<Octets> notified_in(const std::vector<Octets>& packets) {
    std::vector<Octets> values;
    for (const Octets& pdu : attributes_in(packets)) {
      if (pdu[0] == 0x1B && u16_at(pdu, 1) == notify_handle) values.push_back(part(pdu, 3));
    }
    return values;
  }

  Parrot parrot;
  Peripheral board;
  int handle = -1;
};

using Values = std::vector<Octets>;

}  // namespace

TEST_CASE("peripheral: nothing is notified before it is asked to") {
  Linked host;
  host.ask({1, 2, 3});
  CHECK(host.notified(200ms).empty());
  host.subscribe();
  host.ask({1, 2, 3});
  CHECK(host.notified(200ms) == Values{{1, 2, 3}});
}

TEST_CASE("peripheral: an answer comes in pieces of its chunk, of the MTU where that is smaller") {
  for (const auto& [chunk, mtu, sizes] : {std::tuple{20, 247, std::vector<std::size_t>{20, 20, 5}},
                                          {0, 247, {45}},
                                          {0, 23, {20, 20, 5}},
                                          {40, 33, {30, 15}}}) {
    Linked host(static_cast<std::size_t>(chunk), "", mtu);
    host.subscribe();
    host.ask(Octets(45, 9));
    std::vector<std::size_t> seen;
    // The request itself must fit: with an MTU of 23 it would be written in pieces, but this host does not look.
    for (const Octets& value : host.notified(300ms)) seen.push_back(value.size());
    CHECK(seen == sizes);
  }
}

TEST_CASE("peripheral: answers keep their order, a lost notification is gone, merged ones come as one") {
  Linked host;
  host.subscribe();
  for (std::uint8_t n = 1; n <= 3; ++n) host.ask({n});
  CHECK(host.notified(300ms) == Values{{1}, {2}, {3}});
  host.board.lose(1);
  for (std::uint8_t n = 1; n <= 3; ++n) host.ask({n});
  CHECK(host.notified(300ms) == Values{{2}, {3}});
  host.board.merge(2);
  for (std::uint8_t n = 1; n <= 4; ++n) host.ask({n});
  CHECK(host.notified(300ms) == Values{{1, 2, 3}, {4}});
}

TEST_CASE("peripheral: asked faster than it can say, it says what its buffer holds, and then the newest again") {
  Linked host;
  host.subscribe();
  for (std::uint8_t n = 1; n <= 100; ++n) host.ask({n});
  const Values said = host.notified(10s);
  REQUIRE(said.size() == 16);
  CHECK(said.front() == Octets{1});
  CHECK(said.back() == Octets{16});
  host.ask({101});
  CHECK(host.notified(100ms) == Values{{101}});
}

TEST_CASE("peripheral: it greets and talks by itself while somebody listens") {
  Linked host(0, "hello");
  host.parrot.said_by_itself = {{7}};
  CHECK(host.notified(1s).empty());
  host.subscribe();
  CHECK(host.notified(250ms) == Values{{'h', 'e', 'l', 'l', 'o'}, {7}, {7}});
  host.subscribe();  // again: not twice as much
  CHECK(host.notified(100ms).size() == 2);
  host.board.drop();
  host.connect();
  CHECK(host.notified(1s).empty());
  host.subscribe();
  CHECK(host.notified(110ms) == Values{{'h', 'e', 'l', 'l', 'o'}, {7}});
}

TEST_CASE("peripheral: silent, it keeps the link and neither hears nor speaks") {
  Linked host;
  host.parrot.said_by_itself = {{7}};
  host.subscribe();
  host.ask({1});
  host.board.silence(1s);
  host.ask({2});
  const auto meanwhile = host.after(990ms);
  CHECK(Linked::notified_in(meanwhile).empty());
  CHECK(events_in(meanwhile, 0x05).empty());
  CHECK(host.notified(100ms) == Values{{7}});
}

TEST_CASE("peripheral: a phone takes the link away and gives it back") {
  Linked host;
  std::vector<bool> told;
  host.board.on_link = [&](bool linked) { told.push_back(linked); };
  host.board.phone(2s);
  CHECK(events_in(host.after(0ms), 0x05) == Values{{0, 0x40, 0, 0x13}});
  CHECK_FALSE(host.board.audible());
  host.timers.pass(1999ms);
  CHECK_FALSE(host.board.audible());
  host.timers.pass(1ms);
  CHECK(host.board.audible());
  host.connect();
  CHECK(told == std::vector{false, true});
}
