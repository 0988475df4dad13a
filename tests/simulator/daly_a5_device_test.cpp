// The board's side against literal bytes of daly.md.
#include "tests/simulator/daly_a5_device.h"

#include <doctest/doctest.h>

#include <numeric>

using namespace simulator;

namespace {

struct Board {
  explicit Board(DalyA5Options options = {}, PackOptions battery = {.cells = 8})
      : pack(battery), device(pack, options) {}
  Octets ask(std::uint8_t host, std::uint8_t command) {
    Octets request{0xA5, host, command, 0x08, 0, 0, 0, 0, 0, 0, 0, 0};
    request.push_back(static_cast<std::uint8_t>(std::accumulate(request.begin(), request.end(), 0)));
    const auto answers = device.receive(request);
    return answers.empty() ? Octets{} : answers.front().bytes;
  }
  PackModel pack;
  DalyA5Device device;
};

int word(const Octets& frames, std::size_t at) { return frames[at] << 8 | frames[at + 1]; }

}  // namespace

TEST_CASE("daly board: answers the example request of daly.md 1.1 with 13 bytes and their sum") {
  Board board;
  const auto answers = board.device.receive({0xA5, 0x40, 0x90, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0x7D});
  REQUIRE(answers.size() == 1);
  const Octets& reply = answers[0].bytes;
  REQUIRE(reply.size() == 13);
  CHECK(Octets(reply.begin(), reply.begin() + 4) == Octets{0xA5, 0x01, 0x90, 0x08});
  CHECK(reply[12] == (std::accumulate(reply.begin(), reply.end() - 1, 0) & 0xFF));
  CHECK(board.device.receive({0xA5, 0x40, 0x90, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0x7E}).empty());
}

TEST_CASE("daly board: tells the snapshot, current above 30000 when it discharges, cells three a frame") {
  Board board({}, {.cells = 8, .starts_charging = false});
  Snapshot told;
  board.device.on_snapshot = [&](const Snapshot& now) { told = now; };
  board.pack.step(10);
  CHECK(board.ask(0x40, 0x94)[4] == 8);
  board.pack.step(10);  // what comes now is still of the same look
  const Octets pack = board.ask(0x40, 0x90), cells = board.ask(0x40, 0x95), temps = board.ask(0x40, 0x96);
  CHECK(word(pack, 4) * 10 == told.pack_cv);
  CHECK(told.current_ca < 0);
  CHECK(word(pack, 8) == 30000 - told.current_ca / 10);
  REQUIRE(cells.size() == 3 * 13);
  for (std::size_t cell = 0; cell < 8; ++cell)
    CHECK(word(cells, 13 * (cell / 3) + 5 + 2 * (cell % 3)) == told.cells_mv[cell]);
  CHECK(cells[4] == 1);
  CHECK(cells[13 + 4] == 2);
  CHECK(word(cells, 26 + 9) == told.cells_mv[5]);  // the ninth place keeps what the frame before held there
  CHECK(temps.size() == 2 * 13);
  CHECK((temps[5] - 40) * 10 + 2731 == told.temps_dk[0]);
}

TEST_CASE("daly board: over Bluetooth a list is always 16 frames, or 3") {
  Board board({.all_frames = true});
  CHECK(board.ask(0x80, 0x95).size() == 16 * 13);
  CHECK(board.ask(0x80, 0x96).size() == 3 * 13);
}

TEST_CASE("daly board: listens to its own number alone and answers with it") {
  Board board({.number = 3});
  CHECK(board.ask(0x40, 0x90).empty());
  CHECK(board.ask(0x80, 0x90).empty());
  REQUIRE(board.ask(0x42, 0x90).size() == 13);
  CHECK(board.ask(0x42, 0x90)[1] == 3);
}

TEST_CASE("daly board: asleep it is silent or answers zeros") {
  Board board({.sleep = DalyA5Options::zeros});
  CHECK(board.ask(0x40, 0x90) == Octets{0xA5, 0x01, 0x90, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0x3E});
  board.device.sleep(DalyA5Options::silent);
  CHECK(board.ask(0x40, 0x90).empty());
}

TEST_CASE("daly board: a write is noticed, a read is none") {
  Board board;
  int writes = 0;
  board.device.on_write = [&](const Octets&) { ++writes; };
  for (int command : {0x50, 0x57, 0x5F, 0x63, 0x90, 0x98}) board.ask(0x40, static_cast<std::uint8_t>(command));
  CHECK(writes == 0);
  for (int command : {0x00, 0x10, 0x21, 0xD9, 0xDA}) board.ask(0x40, static_cast<std::uint8_t>(command));
  CHECK(writes == 5);
}

TEST_CASE("daly board: two flipped bits that keep the sum are no visible damage") {
  Board board;
  Octets reply = board.ask(0x40, 0x95);
  CHECK(board.device.intact(reply));
  reply[5] ^= 0x01;
  CHECK_FALSE(board.device.intact(reply));
  reply[12] = static_cast<std::uint8_t>(reply[12] + ((reply[5] & 1) ? 1 : -1));
  CHECK(board.device.intact(reply));
}
