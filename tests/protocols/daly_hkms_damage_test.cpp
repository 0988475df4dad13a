// Damaged replies: no value may come of one, unless the damage gives a frame whose CRC fits.
#include <doctest/doctest.h>

#include "tests/protocols/daly_hkms_board.h"
#include "tests/protocols/damage.h"

using namespace hkms_test;
using test::DamageTally, test::Exchange, test::Wire;

namespace {

Exchange any_exchange(Wire& wire) {
  Board board{.n = wire.between(0, 30)};
  switch (wire.any(4)) {
    case 0:
      board.other[0x131] = wire.between(3500, 3700);
      return {ask_limits, board.answer(ask_limits)};
    case 1:
      board.other[0x10A] = wire.between(1, 65535);
      return {ask_settings, board.answer(ask_settings)};
    case 2:
      for (int reg = 0x178; reg < 0x199; ++reg) board.other[reg] = 0x3030 + wire.between(0, 9);
      return {ask_identity, board.answer(ask_identity)};
    default:
      board.other[0x39] = wire.between(28000, 32000);
      board.other[0x3A] = wire.between(0, 1000);
      return {ask_measured, board.answer(ask_measured)};
  }
}

/// Of any board: a damaged address byte may give another's.
std::size_t intact_reply(Bytes at) {
  return !at.empty() && at[0] > 0x50 && at[0] <= 0x60 ? modbus_test::intact_reply(at, at[0]) : 0;
}

}  // namespace

TEST_CASE("daly hkms: damaged replies give no wrong value, and the next good one is read") {
  const DamageTally tally = test::damage("daly-hkms", any_exchange, intact_reply);
  MESSAGE(tally.text());
  CHECK(tally.wrong == 0);
  CHECK(tally.lost_after == 0);
  CHECK(tally.refused * 10 > tally.all * 7);
  CHECK(tally.unseen * 1000 < tally.all);
}
