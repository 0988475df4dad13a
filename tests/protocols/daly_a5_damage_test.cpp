// Damage on the wire, seeded: what the eight-bit sum cannot see is caught by what a poll says of itself, nearly always.
#include <doctest/doctest.h>

#include "protocols/daly/a5_decoder.h"
#include "tests/protocols/daly_a5_board.h"
#include "tests/protocols/damage.h"

using namespace cellwarden;
using namespace daly_test;

namespace {

std::size_t intact_size(Bytes at) {
  if (at.size() < 13 || at[0] != 0xA5 || at[3] != 0x08) return 0;
  return at[12] == static_cast<std::uint8_t>(std::accumulate(at.begin(), at.begin() + 12, 0)) ? 13 : 0;
}

}  // namespace

TEST_CASE("daly a5: damaged answers, and no wrong value that could have been seen") {
  test::Wire wire(20261125);
  daly::A5Decoder decoder(true);
  Heard heard;
  int blind = 0, wrong = 0, told = 0;
  Board board;
  const auto poll = [&](std::uint8_t damaged_command, const Buffer& arrives) {
    for (const auto command : live_commands) {
      for (int tries = 0;; ++tries) {
        if (tries == 2) FAIL("twice no answer");
        decoder.feed(Direction::to_bms, ask(command), heard);
        const bool spoilt = command == damaged_command && tries == 0;
        decoder.feed(Direction::from_bms, spoilt ? arrives : board.answer(command), heard);
        if (decoder.settle(heard)) break;
      }
    }
  };
  poll(0, {});
  REQUIRE(heard.readings.size() == 1);
  for (; told < test::damaged_answers(); ++told) {
    board.n = told % 251;
    heard.readings.clear();
    const std::uint8_t command = live_commands[wire.any(live_commands.size())];
    const Buffer sent = board.answer(command), arrives = wire.damaged(sent);
    const bool is_blind = !test::strange_frames(arrives, sent, intact_size).empty();
    blind += is_blind;
    poll(command, arrives);
    if (!decoder.has_told()) poll(0, {});  // as the adapter does
    if (!decoder.has_told()) poll(0, {});
    if (heard.readings.size() != 1) FAIL("poll " << told << " gave " << heard.readings.size() << " readings");
    if (heard.readings[0] != board.truth()) {
      ++wrong;
      INFO("poll " << told);
      CHECK(is_blind);
    }
  }
  MESSAGE(told << " polls with one damaged answer each: " << blind << " times the sum fitted all the same, " << wrong
               << " wrong readings came of it");
  CHECK(blind * 500 > told);  // the test does reach what it is about
  CHECK(wrong * 4 <= blind);  // of four only one is left
}
