// The board's side against literal bytes of jk.md 2 and of the captured frames.
#include "tests/simulator/jk_uart_device.h"

#include <doctest/doctest.h>

using namespace simulator;

namespace {

struct JkBoard {
  explicit JkBoard(int cells = 4, JkUartOptions options = {})
      : pack(PackOptions{.cells = cells}), device(pack, std::move(options)) {}
  Octets ask(const Octets& request) {
    const auto answers = device.receive(request);
    return answers.empty() ? Octets{} : answers.front().bytes;
  }
  PackModel pack;
  JkUartDevice device;
};

const Octets read_all{0x4E, 0x57, 0x00, 0x13, 0x00, 0x00, 0x00, 0x00, 0x06, 0x03, 0x00,
                      0x00, 0x00, 0x00, 0x00, 0x00, 0x68, 0x00, 0x00, 0x01, 0x29};

int word(const Octets& frame, std::size_t at) { return frame.at(at) << 8 | frame.at(at + 1); }

}  // namespace

TEST_CASE("jk board: a reply has the length, the sum and the tags of a captured one") {
  for (const int cells : {4, 14, 16, 24}) {
    JkBoard board(cells);
    const Octets reply = board.ask(read_all);
    const std::size_t n = static_cast<std::size_t>(cells);
    REQUIRE(reply.size() == 243 + 3 * n);
    CHECK(word(reply, 0) == 0x4E57);
    CHECK(word(reply, 2) == static_cast<int>(reply.size()) - 2);
    CHECK(reply[8] == 0x06);
    CHECK(reply[10] == 0x01);
    CHECK(reply[reply.size() - 5] == 0x68);
    int sum = 0;
    for (std::size_t i = 0; i < reply.size() - 2; ++i) sum += reply[i];
    CHECK(word(reply, reply.size() - 2) == sum);
    CHECK(board.device.intact(reply));
    // Where the tags of the captured frames stand after the cells, and the last ones before the end.
    std::size_t at = 11 + 2 + 3 * n;
    for (const int tag : {0x80, 0x81, 0x82, 0x83, 0x84})
      CHECK(reply[at + 3 * static_cast<std::size_t>(tag - 0x80)] == tag);
    CHECK(reply[at + 15] == 0x85);
    CHECK(reply[reply.size() - 9 - 2] == 0xC0);
    CHECK(reply[reply.size() - 9 - 2 - 25] == 0xBA);
  }
}

TEST_CASE("jk board: it tells its snapshot, and charging is bit 15") {
  JkBoard board;
  Snapshot told;
  board.device.on_snapshot = [&](const Snapshot& now) { told = now; };
  for (int i = 0; i < 50; ++i) board.pack.step(10);
  const Octets reply = board.ask(read_all);
  CHECK(reply[11] == 0x79);
  CHECK(reply[12] == 12);
  for (std::size_t cell = 0; cell < 4; ++cell) {
    CHECK(reply[13 + 3 * cell] == cell + 1);
    CHECK(word(reply, 14 + 3 * cell) == told.cells_mv[cell]);
  }
  CHECK(word(reply, 29) * 10 + 2731 == told.temps_dk[0]);
  CHECK(word(reply, 35) == told.pack_cv);
  REQUIRE(told.current_ca > 0);  // it charges
  CHECK(word(reply, 38) == 0x8000 + told.current_ca);
  CHECK(reply[41] == told.soc_pct);
}

TEST_CASE("jk board: discharging, and the old coding of the current") {
  for (const bool old : {false, true}) {
    PackModel pack(PackOptions{.cells = 4, .starts_charging = false});
    JkUartDevice device(pack, {.old_current = old});
    int ca = 0;
    device.on_snapshot = [&](const Snapshot& now) { ca = now.current_ca; };
    for (int i = 0; i < 50; ++i) pack.step(1);
    const Octets reply = device.receive(read_all).at(0).bytes;
    REQUIRE(ca < 0);
    CHECK(word(reply, 38) == (old ? 10000 - ca : -ca));
    CHECK(reply[reply.size() - 10] == (old ? 0 : 1));
  }
}

TEST_CASE("jk board: a request in pieces is one, a damaged one none") {
  JkBoard board;
  CHECK(board.ask({0x57, 0x4E, 0x4E, 0x57, 0x00}).empty());
  CHECK(board.device.receive(Octets(read_all.begin() + 3, read_all.end())).size() == 1);
  Octets damaged = read_all;
  damaged[9] = 0x02;
  CHECK(board.ask(damaged).empty());
  CHECK_FALSE(board.ask(read_all).empty());
}

TEST_CASE("jk board: a write, an activation and a password are noticed") {
  JkBoard board;
  int noticed = 0;
  board.device.on_write = [&](const Octets&) { ++noticed; };
  board.ask(read_all);
  CHECK(noticed == 0);
  for (const int command : {0x01, 0x02, 0x05}) {
    Octets request = read_all;
    request[8] = static_cast<std::uint8_t>(command);
    request[20] = static_cast<std::uint8_t>(0x29 - 6 + command);
    board.ask(request);
  }
  CHECK(noticed == 3);
}
