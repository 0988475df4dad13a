// Damaged replies: no value may come of one, unless the damage gives a frame whose CRC fits.
#include <doctest/doctest.h>

#include "tests/protocols/daly_d2_board.h"
#include "tests/protocols/damage.h"

using namespace d2_test;
using test::DamageTally, test::Exchange, test::Wire;

namespace {

Exchange any_exchange(Wire& wire) {
  Board board{.n = wire.between(0, 30)};
  board.other[0x29] = wire.between(28000, 32000);
  board.other[0x2A] = wire.between(0, 1000);
  board.other[0x33] = wire.between(0, 5000);
  switch (wire.any(4)) {
    case 0:
      return {ask_live, board.answer(ask_live)};
    case 1:
      return {ask(0, 80), board.answer(0, 80)};
    case 2:
      board.other[0x8C] = wire.between(3500, 3700);
      return {ask_settings, board.answer(ask_settings)};
    default:
      for (int reg = 0xA9; reg < 0xC9; ++reg) board.other[reg] = 0x3030 + wire.between(0, 9);
      return {ask_identity, board.answer(ask_identity)};
  }
}

}  // namespace

TEST_CASE("daly d2: damaged replies give no wrong value, and the next good one is read") {
  const DamageTally tally =
      test::damage("daly-modbus", any_exchange, [](Bytes at) { return modbus_test::intact_reply(at, 0xD2); });
  MESSAGE(tally.text());
  CHECK(tally.wrong == 0);
  CHECK(tally.lost_after == 0);
  CHECK(tally.refused * 10 > tally.all * 7);
  CHECK(tally.unseen * 1000 < tally.all);
}
