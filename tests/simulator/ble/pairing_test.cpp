// Pairing by passkey: the functions by the specification's own examples (volume 3, part H, 2.2.3 and 2.2.4), then a
// host that pairs with a board through the controller.
#include "tests/simulator/ble/pairing.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/simulator/ble/test_host.h"

using namespace simulator;
using namespace simulator::ble;
using namespace std::chrono_literals;

namespace {

/// As the specification prints them, from the high byte.
Octets printed(const std::string& hex) {
  Octets bytes;
  for (std::size_t at = 0; at < hex.size(); at += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(at, 2), nullptr, 16)));
  std::ranges::reverse(bytes);
  return bytes;
}
Key key(const std::string& hex) {
  const Octets bytes = printed(hex);
  Key all{};
  std::ranges::copy(bytes, all.begin());
  return all;
}
Octets octets(const Key& from) { return {from.begin(), from.end()}; }

constexpr int keyboard_display = 0x04, subscription = 4;
const Key central_random = key("0102030405060708090A0B0C0D0E0F10");

struct Host : TestHost {
  Host()
      : board({.address = address_from("A4:C1:37:00:00:01", false),
               .services = {{0xFF00, {{0xFF01, notifies}, {0xFF02, writes_command}}}},
               .pin = "012345"},
              timers, parrot, [this](const Octets& bytes) { return parrot.receive(bytes); }) {
    controller.add(board);
    handle = link(board.options().address);
  }
  /// What the board's Security Manager says to that.
  Octets say(const Octets& pdu) {
    l2cap(handle, 6, pdu);
    for (const Octets& packet : after(0ms)) {
      if (packet[0] == 2 && u16_at(packet, 7) == 6) return part(packet, 9);
    }
    return {};
  }
  /// Up to the key of the link, with this passkey; the last thing the board said.
  Octets pair(int passkey) {
    const Octets request = Put().u8(1).u8(keyboard_display).u8(0).u8(0x05).u8(16).u8(0).u8(0x0F);
    const Octets response = say(request);
    Key entered{};
    entered[0] = static_cast<std::uint8_t>(passkey), entered[1] = static_cast<std::uint8_t>(passkey >> 8);
    const Octets theirs = board.options().address.on_the_wire();
    const Octets confirm = say(
        Put().u8(3).all(octets(confirm_value(entered, central_random, request, response, central_address, theirs))));
    const Octets random = say(Put().u8(4).all(octets(central_random)));
    if (random[0] != 4) return random;
    Key board_random{};
    std::copy_n(random.begin() + 1, 16, board_random.begin());
    CHECK(part(confirm, 1) == octets(confirm_value(entered, board_random, request, response, central_address, theirs)));
    link_key = short_term_key(entered, board_random, central_random);
    return random;
  }
  std::vector<Octets> encrypt(const Key& by, const Octets& diversifier_and_random) {
    command(0x2019, Put().u16(handle).all(diversifier_and_random).all(octets(by)));
    return after(1s);
  }
  int subscribe() {
    attribute(handle, {0x12, subscription, 0x00, 0x01, 0x00});
    const auto answers = attributes_in(after(0ms));
    REQUIRE(answers.size() == 1);
    return answers[0][0] == 0x13 ? 0 : answers[0].back();
  }

  Parrot parrot;
  Peripheral board;
  int handle = -1;
  Key link_key{};
};

}  // namespace

TEST_CASE("pairing: confirm value and short term key of the specification's examples") {
  const Key none{};
  CHECK(confirm_value(none, key("5783D52156AD6F0E6388274EC6702EE0"), printed("07071000000101"),
                      printed("05000800000302"), Put().u8(1).all(printed("A1A2A3A4A5A6")),
                      Put().u8(0).all(printed("B1B2B3B4B5B6"))) == key("1E1E3FEF878988EAD2A74DC5BEF13B86"));
  CHECK(short_term_key(none, key("000F0E0D0C0B0A091122334455667788"), key("010203040506070899AABBCCDDEEFF00")) ==
        key("9A1FE1F0E8B0F49B5B4216AE796DA062"));
}

TEST_CASE("pairing: a board with a PIN is shut until the link is encrypted, and knows its central again") {
  Host host;
  CHECK(host.subscribe() == 0x05);
  REQUIRE(host.pair(12345)[0] == 4);
  CHECK(host.subscribe() == 0x05);
  const auto came = host.encrypt(host.link_key, Octets(10));
  CHECK(events_in(came, 0x08) == std::vector<Octets>{{0, 0x40, 0, 1}});
  std::vector<Octets> told;
  for (const Octets& packet : came) {
    if (packet[0] == 2) told.push_back(part(packet, 9));
  }
  REQUIRE(told.size() == 2);
  CHECK(told[0][0] == 0x06);
  CHECK(told[1][0] == 0x07);
  CHECK(host.subscribe() == 0);

  host.board.drop();
  host.handle = host.link(host.board.options().address);
  CHECK(host.subscribe() == 0x05);
  Key kept{};
  std::copy_n(told[0].begin() + 1, 16, kept.begin());
  const auto again = host.encrypt(kept, Put().all(part(told[1], 3)).all(part(told[1], 1, 2)));
  CHECK(events_in(again, 0x08) == std::vector<Octets>{{0, 0x40, 0, 1}});
  CHECK(host.subscribe() == 0);
}

TEST_CASE("pairing: another passkey, a central that cannot be asked for one, a key of nowhere") {
  Host host;
  CHECK(host.pair(54321) == Octets{0x05, 0x04});
  const Octets asks_nobody = Put().u8(1).u8(0x03).u8(0).u8(0x01).u8(16).u8(0).u8(0x0F);
  CHECK(host.say(asks_nobody) == Octets{0x05, 0x03});
  const auto came = host.encrypt(central_random, Octets(10));
  CHECK(events_in(came, 0x08) == std::vector<Octets>{{0x06, 0x40, 0, 0}});
  CHECK(host.subscribe() == 0x05);
}
