// Damage on the wire, seeded: what the eight-bit sum cannot see is caught by what a poll says of itself, nearly always.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "protocols/daly/a5_decoder.h"
#include "tests/protocols/daly_a5_board.h"

using namespace cellwarden;
using namespace daly_test;

namespace {

class Wire {
 public:
  explicit Wire(std::uint32_t seed) : random_(seed) {}
  std::size_t any(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }

  Buffer damaged(Buffer bytes) {
    const auto at = static_cast<std::ptrdiff_t>(any(bytes.size()));
    const auto octet = static_cast<std::uint8_t>(any(256));
    switch (any(9)) {
      case 1:
        bytes.erase(bytes.begin() + at);
        break;
      case 2:
        bytes.insert(bytes.begin() + at, bytes[static_cast<std::size_t>(at)]);
        break;
      case 3:
        bytes.insert(bytes.begin() + at, octet);
        break;
      case 4:  // a burst
        for (auto i = static_cast<std::size_t>(at); i < bytes.size() && i < static_cast<std::size_t>(at) + 4; ++i) {
          bytes[i] = static_cast<std::uint8_t>(any(256));
        }
        break;
      case 5:
        bytes.resize(static_cast<std::size_t>(at));
        break;
      default:  // one to four flipped bits
        for (std::size_t flips = 1 + any(4); flips > 0; --flips) {
          bytes[any(bytes.size())] ^= static_cast<std::uint8_t>(1 << any(8));
        }
    }
    return bytes;
  }

 private:
  std::mt19937 random_;
};

/// Whether a frame with a fitting sum is in there that the board never sent: written out, not our codec's word.
bool sum_is_blind(const Buffer& damaged, const Buffer& sent) {
  for (std::size_t at = 0; at + 13 <= damaged.size(); ++at) {
    const Buffer window(damaged.begin() + static_cast<std::ptrdiff_t>(at),
                        damaged.begin() + static_cast<std::ptrdiff_t>(at) + 13);
    const auto sum = static_cast<std::uint8_t>(std::accumulate(window.begin(), window.end() - 1, 0));
    if (window[0] != 0xA5 || window[3] != 0x08 || window[12] != sum) continue;
    if (std::search(sent.begin(), sent.end(), window.begin(), window.end()) == sent.end()) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("daly a5: ten thousand damaged answers, and no wrong value that could have been seen") {
  Wire wire(20261125);
  daly::A5Decoder decoder(true);
  Heard heard;
  int blind = 0, wrong = 0, told = 0;
  Board board;
  const auto poll = [&](std::uint8_t damaged_command, const Buffer& arrives) {
    for (const auto command : live_commands) {
      for (int tries = 0;; ++tries) {
        REQUIRE(tries < 2);
        decoder.feed(Direction::to_bms, ask(command), heard);
        const bool spoilt = command == damaged_command && tries == 0;
        decoder.feed(Direction::from_bms, spoilt ? arrives : board.answer(command), heard);
        if (decoder.settle(heard)) break;
      }
    }
  };
  poll(0, {});
  REQUIRE(heard.readings.size() == 1);
  for (int i = 0; i < 10000; ++i) {
    board.n = i % 251;
    heard.readings.clear();
    const std::uint8_t command = live_commands[wire.any(live_commands.size())];
    const Buffer sent = board.answer(command), arrives = wire.damaged(sent);
    const bool is_blind = sum_is_blind(arrives, sent);
    blind += is_blind;
    poll(command, arrives);
    if (!decoder.has_told()) poll(0, {});  // as the adapter does
    if (!decoder.has_told()) poll(0, {});
    REQUIRE(heard.readings.size() == 1);
    ++told;
    if (heard.readings[0] != board.truth()) {
      ++wrong;
      INFO("poll " << i);
      CHECK(is_blind);
    }
  }
  MESSAGE(told << " polls with one damaged answer each: " << blind << " times the sum fitted all the same, " << wrong
               << " wrong readings came of it");
  CHECK(blind > 50);          // the test does reach what it is about
  CHECK(wrong * 4 <= blind);  // of four only one is left
}
