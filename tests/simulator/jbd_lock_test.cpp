// The module's lock against the exchange of jbd.md 4.1.
#include "tests/simulator/jbd_lock.h"

#include <doctest/doctest.h>

#include <numeric>

#include "tests/simulator/jbd_device.h"

using namespace simulator;

namespace {

const Octets app_key{0xFF, 0xAA, 0x15, 0x06, '0', '0', '0', '0', '0', '0', 0x3B};
const Octets challenge{0xFF, 0xAA, 0x17, 0x00, 0x17};
const Octets basic_info{0xDD, 0xA5, 0x03, 0x00, 0xFF, 0xFD, 0x77};

struct LockedBoard {
  explicit LockedBoard(const std::string& password)
      : pack(PackOptions{.cells = 4}),
        lock(std::make_unique<JbdDevice>(pack, JbdOptions{}), password, {0xA4, 0xC1, 0x37, 0x04, 0x2D, 0xBE}, 1) {
    lock.link_opened();
    lock.on_write = [this](const Octets&) { ++writes; };
  }
  Octets ask(const Octets& request) {
    const auto answers = lock.receive(request);
    return answers.empty() ? Octets{} : answers.front().bytes;
  }
  /// 123123 behind this MAC with R = 37 is CC 2A 3B 6C 56 C4 (a capture); with another R the difference is added.
  Octets answer_to_challenge(int r) {
    Octets bytes{0xFF, 0xAA, 0x18, 0x06};
    for (const int byte : {0xCC, 0x2A, 0x3B, 0x6C, 0x56, 0xC4})
      bytes.push_back(static_cast<std::uint8_t>(byte - 0x37 + r));
    bytes.push_back(static_cast<std::uint8_t>(std::accumulate(bytes.begin() + 2, bytes.end(), 0)));
    return bytes;
  }
  PackModel pack;
  JbdLock lock;
  int writes = 0;
};

}  // namespace

TEST_CASE("jbd lock: the app key opens it where there is no password") {
  LockedBoard board("");
  CHECK(board.ask(basic_info).empty());
  CHECK(board.ask({0xFF, 0xAA, 0x15, 0x06, '0', '0', '0', '0', '0', '1', 0x3C}) ==
        Octets{0xFF, 0xAA, 0x15, 0x01, 0x01, 0x17});
  CHECK(board.ask(basic_info).empty());
  CHECK(board.ask(app_key) == Octets{0xFF, 0xAA, 0x15, 0x01, 0x02, 0x18});
  CHECK_FALSE(board.ask(basic_info).empty());
  board.lock.link_opened();
  CHECK(board.ask(basic_info).empty());
}

TEST_CASE("jbd lock: with a password the challenge has to be answered, each once") {
  LockedBoard board("123123");
  CHECK(board.ask(app_key) == Octets{0xFF, 0xAA, 0x15, 0x01, 0x00, 0x16});
  CHECK(board.ask(basic_info).empty());
  int r = board.ask(challenge).at(4);
  CHECK(board.ask(board.answer_to_challenge(r + 1)) == Octets{0xFF, 0xAA, 0x18, 0x01, 0x01, 0x1A});
  CHECK(board.ask(board.answer_to_challenge(r)).at(4) == 0x01);  // that challenge is over
  r = board.ask(challenge).at(4);
  CHECK(board.ask(board.answer_to_challenge(r)) == Octets{0xFF, 0xAA, 0x18, 0x01, 0x00, 0x19});
  CHECK_FALSE(board.ask(basic_info).empty());
  CHECK(board.writes == 0);
  CHECK(board.ask({0xFF, 0xAA, 0x16, 0x01, 0x31, 0x48}).empty());  // change the password
  CHECK(board.writes == 1);
}
