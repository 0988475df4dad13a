// The board's side against literal bytes of jbd.md.
#include "tests/simulator/jbd_device.h"

#include <doctest/doctest.h>

using namespace simulator;

namespace {

struct Board {
  explicit Board(JbdOptions options = {}, PackOptions battery = {.cells = 4}) : pack(battery), device(pack, options) {}
  /// The answer to one request; empty when there is none.
  Octets ask(const Octets& request) {
    const auto answers = device.receive(request);
    return answers.empty() ? Octets{} : answers.front().bytes;
  }
  PackModel pack;
  JbdDevice device;
};

const Octets ask_info{0xDD, 0xA5, 0x03, 0x00, 0xFF, 0xFD, 0x77}, ask_cells{0xDD, 0xA5, 0x04, 0x00, 0xFF, 0xFC, 0x77};

}  // namespace

TEST_CASE("board: answers reads with length, sum and terminator") {
  Board board;
  const Octets info = board.ask(ask_info);
  REQUIRE(info.size() == 0x24 + 7);  // two probes, extended
  CHECK(info[1] == 0x03);
  CHECK(info[3] == 0x24);
  CHECK(info.back() == 0x77);
  const Octets cells = board.ask(ask_cells);
  REQUIRE(cells.size() == 8 + 7);
  CHECK(cells[3] == 8);
}

TEST_CASE("board: 0x03 tells the snapshot, and the 0x04 after it tells the same one") {
  Board board;
  Snapshot told;
  board.device.on_snapshot = [&](const Snapshot& now) { told = now; };
  for (int i = 0; i < 50; ++i) board.pack.step(10);
  const Octets info = board.ask(ask_info);
  const auto word = [](const Octets& frame, std::size_t at) { return frame[4 + at] << 8 | frame[5 + at]; };
  CHECK(word(info, 0) == told.pack_cv);
  CHECK(static_cast<std::int16_t>(word(info, 2)) == told.current_ca);
  CHECK(told.current_ca > 0);  // it charges: positive
  CHECK(word(info, 4) == told.remaining_cah);
  CHECK(info[4 + 19] == told.soc_pct);
  CHECK(word(info, 23) == told.temps_dk[0]);

  for (int i = 0; i < 50; ++i) board.pack.step(10);  // the pack moves on between the two requests
  const Octets cells = board.ask(ask_cells);
  for (std::size_t cell = 0; cell < 4; ++cell) CHECK(word(cells, 2 * cell) == told.cells_mv[cell]);
}

TEST_CASE("board: a request in two parts is one request") {
  Board board;
  CHECK(board.ask({0xDD, 0xA5, 0x05}).empty());
  CHECK_FALSE(board.ask({0x00, 0xFF, 0xFB, 0x77}).empty());
}

TEST_CASE("board: refuses as jbd.md 1 says") {
  Board board;
  CHECK(board.ask({0xDD, 0xA5, 0x24, 0x00, 0xFF, 0xDC, 0x77}) == Octets{0xDD, 0x24, 0x81, 0x00, 0xFF, 0x7F, 0x77});
  CHECK(board.ask({0xDD, 0xA5, 0x03, 0x00, 0xFF, 0xFE, 0x77})[2] == 0x82);
}

TEST_CASE("board: parameters by FA, the example of jbd.md 3.1") {
  Board board;
  const Octets reply = board.ask({0xDD, 0xA5, 0xFA, 0x03, 0x00, 0x00, 0x28, 0xFE, 0xDB, 0x77});
  REQUIRE(reply.size() == 3 + 80 + 7);
  const std::size_t ovp = 4 + 3 + 2 * (0x24 - 0x10);
  CHECK((reply[ovp] << 8 | reply[ovp + 1]) == 3650);
}

TEST_CASE("board: a write is noticed") {
  Board board;
  Octets written;
  board.device.on_write = [&](const Octets& request) { written = request; };
  board.ask(ask_info);
  CHECK(written.empty());
  const Octets factory_mode{0xDD, 0x5A, 0x00, 0x02, 0x56, 0x78, 0xFF, 0x30, 0x77};
  board.ask(factory_mode);
  CHECK(written == factory_mode);
}

TEST_CASE("board: two requests in one read have two answers, in their order") {
  Board board;
  Octets both = ask_info;
  both.insert(both.end(), ask_cells.begin(), ask_cells.end());
  const auto answers = board.device.receive(both);
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].request == ask_info);
  CHECK(answers[0].bytes[1] == 0x03);
  CHECK(answers[1].request == ask_cells);
  CHECK(answers[1].bytes[1] == 0x04);
}

TEST_CASE("board: noise and a torn request before a whole one do not swallow it") {
  Board board;
  Octets bytes{0x00, 0xFF, 0xDD, 0xDD, 0xA5, 0x03, 0xF0};  // a header whose length no request has
  bytes.insert(bytes.end(), {0xDD, 0xA5, 0x03, 0x00, 0xFF});
  bytes.insert(bytes.end(), ask_cells.begin(), ask_cells.end());
  CHECK(board.ask(bytes)[1] == 0x04);
}

TEST_CASE("board: a big one counts in 100 mA and 100 mAh and says so") {
  Board board({}, {.cells = 4, .capacity_ah = 1000, .soc_pct = 50, .charge_a = 400, .tail_a = 10});
  board.pack.step(1);
  Snapshot told;
  board.device.on_snapshot = [&](const Snapshot& now) { told = now; };
  const Octets info = board.ask(ask_info);
  const auto word = [&](std::size_t at) { return info[4 + at] << 8 | info[5 + at]; };
  CHECK(info[4 + 20] == 0x83);
  CHECK(word(2) * 10 == told.current_ca);
  CHECK(told.current_ca == doctest::Approx(40000).epsilon(0.01));
  CHECK(word(4) * 10 == told.remaining_cah);
  CHECK(word(6) == 10000);
  const Octets function_bits = board.ask({0xDD, 0xA5, 0xFA, 0x03, 0x00, 0x1D, 0x01, 0xFE, 0xE5, 0x77});
  CHECK(function_bits == Octets{0xDD, 0xFA, 0x00, 0x05, 0x00, 0x1D, 0x01, 0x10, 0x0E, 0xFF, 0xBF, 0x77});
  CHECK((Board().ask(ask_info)[4 + 20] & 0x80) == 0);
}

TEST_CASE("board: old and plain ones") {
  Board old({.old_reply = true});
  const Octets reply = old.ask(ask_cells);
  CHECK(reply[0] == 0xDD);
  CHECK(reply[1] == 0xA5);
  CHECK(old.device.intact(reply));
  Board plain({.has_fa = false, .has_extension = false});
  CHECK(plain.ask(ask_info)[3] == 0x1B);  // two probes
  CHECK(plain.ask({0xDD, 0xA5, 0xFA, 0x03, 0x00, 0x00, 0x28, 0xFE, 0xDB, 0x77})[2] == 0x80);
  Board slow({.answer_time = std::chrono::milliseconds(300)});
  CHECK(slow.device.receive(ask_info)[0].after == std::chrono::milliseconds(300));
}

TEST_CASE("board: only its own reply as it was sent is intact") {
  Board board;
  Octets reply = board.ask(ask_cells);
  CHECK(board.device.intact(reply));
  reply[5] ^= 1;
  CHECK_FALSE(board.device.intact(reply));
  reply[5] ^= 1;
  reply.pop_back();
  CHECK_FALSE(board.device.intact(reply));
}
