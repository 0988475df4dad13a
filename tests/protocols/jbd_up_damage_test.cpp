// Damaged replies: no value may come of one, unless the damage gives a frame whose CRC fits.
#include <doctest/doctest.h>

#include "tests/protocols/damage.h"
#include "tests/protocols/up_board.h"

using namespace up_test;
using test::DamageTally, test::Exchange, test::Wire;

namespace {

Exchange any_exchange(Wire& wire) {
  Unit unit{.n = wire.between(0, 30), .number = wire.between(1, 16)};
  switch (wire.any(4)) {
    case 0:
      unit.limits[6] = wire.between(3600, 3700);
      return {ask_thresholds(unit.number), unit.answer(ask_thresholds(unit.number))};
    case 1:
      return {ask_identity(unit.number), unit.answer(ask_identity(unit.number))};
    case 2:
      return {ask_product(unit.number), unit.answer(ask_product(unit.number))};
    default:
      unit.other[8] = wire.between(0, 10000);
      unit.other[6] = wire.between(0, 65535);
      return {ask_status(unit.number), unit.answer(ask_status(unit.number))};
  }
}

/// By the rule of jbd.md 5.
std::size_t intact_frame(Bytes at) {
  if (at.size() < 10 || at[0] < 1 || at[0] > 16 || (at[1] != 0x78 && at[1] != 0x45 && at[1] != 0x79)) return 0;
  const std::size_t size = 10U + u16_be(at, 6);
  if (size > at.size()) return 0;
  const unsigned sum = at[size - 2] | static_cast<unsigned>(at[size - 1]) << 8;
  return modbus_test::crc(at.first(size - 2)) == sum ? size : 0;
}

}  // namespace

TEST_CASE("jbd up: damaged replies give no wrong value, and the next good one is read") {
  const DamageTally tally = test::damage("jbd-up", any_exchange, intact_frame);
  MESSAGE(tally.text());
  CHECK(tally.wrong == 0);
  CHECK(tally.lost_after == 0);
  CHECK(tally.refused * 10 > tally.all * 7);
  CHECK(tally.unseen * 1000 < tally.all);
}
