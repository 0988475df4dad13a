// The board's side against literal bytes of jbd.md.
#include "tests/simulator/jbd_device.h"

#include <doctest/doctest.h>

using namespace simulator;

namespace {

struct Board {
  PackModel pack{PackOptions{.cells = 4}};
  JbdDevice device{pack, {}};
};

}  // namespace

TEST_CASE("board: answers reads with length, sum and terminator") {
  Board board;
  const Octets info = board.device.receive({0xDD, 0xA5, 0x03, 0x00, 0xFF, 0xFD, 0x77});
  REQUIRE(info.size() == 0x24 + 7);  // two probes, extended
  CHECK(info[1] == 0x03);
  CHECK(info[3] == 0x24);
  CHECK(info.back() == 0x77);
  const Octets cells = board.device.receive({0xDD, 0xA5, 0x04, 0x00, 0xFF, 0xFC, 0x77});
  REQUIRE(cells.size() == 8 + 7);
  CHECK(cells[3] == 8);
}

TEST_CASE("board: a request in two parts is one request") {
  Board board;
  CHECK(board.device.receive({0xDD, 0xA5, 0x05}).empty());
  CHECK_FALSE(board.device.receive({0x00, 0xFF, 0xFB, 0x77}).empty());
}

TEST_CASE("board: refuses as jbd.md 1 says") {
  Board board;
  CHECK(board.device.receive({0xDD, 0xA5, 0x24, 0x00, 0xFF, 0xDC, 0x77}) ==
        Octets{0xDD, 0x24, 0x81, 0x00, 0xFF, 0x7F, 0x77});
  CHECK(board.device.receive({0xDD, 0xA5, 0x03, 0x00, 0xFF, 0xFE, 0x77})[2] == 0x82);
}

TEST_CASE("board: parameters by FA, the example of jbd.md 3.1") {
  Board board;
  const Octets reply = board.device.receive({0xDD, 0xA5, 0xFA, 0x03, 0x00, 0x00, 0x28, 0xFE, 0xDB, 0x77});
  REQUIRE(reply.size() == 3 + 80 + 7);
  const std::size_t ovp = 4 + 3 + 2 * (0x24 - 0x10);
  CHECK((reply[ovp] << 8 | reply[ovp + 1]) == 3650);
}

TEST_CASE("board: a write is noticed") {
  Board board;
  board.device.receive({0xDD, 0x5A, 0x00, 0x02, 0x56, 0x78, 0xFF, 0x30, 0x77});
  CHECK(board.device.writes_seen() == 1);
}
