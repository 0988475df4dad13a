// The attribute server against PDUs as the core specification has them.
#include "tests/simulator/ble/att_server.h"

#include <doctest/doctest.h>

using namespace simulator;
using namespace simulator::ble;

namespace {

/// jk.md 1.1, the module with two characteristics of the same UUID at handles 3 and 5; then a service as others have.
AttServer two_of_a_name() {
  return {{{0xFFE0, {{0xFFE1, writes | writes_command}, {0xFFE1, reads | notifies, {7}}}},
           {0xFF00, {{0xFF01, notifies}, {0xFF02, writes_command}}, 0x20}},
          131};
}

using O = Octets;

}  // namespace

TEST_CASE("attributes: services, characteristics and descriptors are found where they stand") {
  AttServer server = two_of_a_name();
  CHECK(server.respond({0x10, 0x01, 0x00, 0xFF, 0xFF, 0x00, 0x28}) ==
        O{0x11, 6, 0x01, 0x00, 0x06, 0x00, 0xE0, 0xFF, 0x20, 0x00, 0x25, 0x00, 0x00, 0xFF});
  CHECK(server.respond({0x10, 0x02, 0x00, 0x1F, 0x00, 0x00, 0x28}) == O{0x01, 0x10, 0x02, 0x00, 0x0A});
  CHECK(server.respond({0x08, 0x01, 0x00, 0x06, 0x00, 0x03, 0x28}) ==
        O{0x09, 7, 0x02, 0x00, 0x0C, 0x03, 0x00, 0xE1, 0xFF, 0x04, 0x00, 0x12, 0x05, 0x00, 0xE1, 0xFF});
  CHECK(server.respond({0x04, 0x06, 0x00, 0x06, 0x00}) == O{0x05, 0x01, 0x06, 0x00, 0x02, 0x29});
  CHECK(server.respond({0x04, 0x07, 0x00, 0x1F, 0x00}) == O{0x01, 0x04, 0x07, 0x00, 0x0A});
  CHECK(server.respond({0x06, 0x01, 0x00, 0xFF, 0xFF, 0x00, 0x28, 0x00, 0xFF}) == O{0x07, 0x20, 0x00, 0x25, 0x00});
  CHECK(server.find(0xFFE1, notifies) == 5);
  CHECK(server.find(0xFFE1, writes) == 3);
  CHECK(server.find(0xFFE2, writes) == 0);
}

TEST_CASE("attributes: what does not fit into one answer comes with the next") {
  AttServer server({{0xFF00, {{1, reads}, {2, reads}, {3, reads}, {4, reads}}}}, 247);
  const O first = server.respond({0x08, 0x01, 0x00, 0xFF, 0xFF, 0x03, 0x28});
  CHECK(first.size() == 2 + 3 * 7);
  CHECK(server.respond({0x08, 0x07, 0x00, 0xFF, 0xFF, 0x03, 0x28}) ==
        O{0x09, 7, 0x08, 0x00, 0x02, 0x09, 0x00, 0x04, 0x00});
}

TEST_CASE("attributes: the MTU is the smaller of both, at least 23, and cuts notifications") {
  for (const auto& [asked, agreed] : {std::pair{517, 131}, {64, 64}, {10, 23}}) {
    AttServer server = two_of_a_name();
    CHECK(server.mtu() == 23);
    CHECK(server.respond({0x02, static_cast<std::uint8_t>(asked & 0xFF), static_cast<std::uint8_t>(asked >> 8)}) ==
          O{0x03, 131, 0});
    CHECK(server.mtu() == static_cast<std::size_t>(agreed));
    CHECK(server.notification(5, O(300, 1)).size() == static_cast<std::size_t>(agreed));
    server.forget_central();
    CHECK(server.mtu() == 23);
  }
}

TEST_CASE("attributes: a subscription lasts as long as the link") {
  AttServer server = two_of_a_name();
  int told = 0;
  server.on_subscribe = [&](int handle) { told = handle; };
  CHECK(server.respond({0x12, 0x06, 0x00, 0x01, 0x00}) == O{0x13});
  CHECK(told == 5);
  CHECK(server.subscribed(5));
  CHECK_FALSE(server.subscribed(3));
  CHECK(server.respond({0x0A, 0x06, 0x00}) == O{0x0B, 0x01, 0x00});
  server.forget_central();
  CHECK_FALSE(server.subscribed(5));
}

TEST_CASE("attributes: writes reach the board as their properties allow") {
  AttServer server = two_of_a_name();
  std::vector<std::pair<int, O>> written;
  server.on_write = [&](int handle, const O& value) { written.emplace_back(handle, value); };
  CHECK(server.respond({0x52, 0x03, 0x00, 0xAA}).empty());
  CHECK(server.respond({0x12, 0x03, 0x00, 0xBB}) == O{0x13});
  CHECK(server.respond({0x12, 0x05, 0x00, 0xCC}) == O{0x01, 0x12, 0x05, 0x00, 0x03});
  CHECK(server.respond({0x52, 0x05, 0x00, 0xCC}).empty());
  CHECK(server.respond({0x12, 0x25, 0x00, 0xDD}) == O{0x01, 0x12, 0x25, 0x00, 0x03});  // by command alone
  CHECK(server.respond({0x52, 0x25, 0x00, 0xDD}).empty());
  CHECK(written == std::vector<std::pair<int, O>>{{3, {0xAA}}, {3, {0xBB}}, {0x25, {0xDD}}});
}

TEST_CASE("attributes: reads, and what is refused") {
  AttServer server = two_of_a_name();
  CHECK(server.respond({0x0A, 0x05, 0x00}) == O{0x0B, 7});
  CHECK(server.respond({0x0C, 0x05, 0x00, 0x01, 0x00}) == O{0x0D});
  CHECK(server.respond({0x0C, 0x05, 0x00, 0x02, 0x00}) == O{0x01, 0x0C, 0x05, 0x00, 0x07});
  CHECK(server.respond({0x0A, 0x03, 0x00}) == O{0x01, 0x0A, 0x03, 0x00, 0x02});
  CHECK(server.respond({0x0A, 0x99, 0x00}) == O{0x01, 0x0A, 0x99, 0x00, 0x01});
  CHECK(server.respond({0x0A, 0x05}) == O{0x01, 0x0A, 0x00, 0x00, 0x04});        // cut off
  CHECK(server.respond({0x16, 0x03, 0x00}) == O{0x01, 0x16, 0x00, 0x00, 0x06});  // prepare write
  CHECK(server.respond({0xD2, 0x03, 0x00}).empty());
  CHECK(server.respond({}).empty());
}
