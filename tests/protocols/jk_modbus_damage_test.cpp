// Damaged answers on a JK line: no value may come of one, unless the damage gives a frame whose sum fits.
#include <doctest/doctest.h>

#include "tests/protocols/damage.h"
#include "tests/protocols/jk_pb_pack.h"

using namespace jk_test;
using test::DamageTally, test::Exchange, test::Wire;

namespace {

Exchange any_registers(Wire& wire) {
  const Pack pack{.address = wire.between(1, 15), .n = wire.between(0, 30)};
  const Buffer asks[] = {ask_live(pack.address), ask_live(pack.address), ask_settings(pack.address),
                         ask_names(pack.address), ask_serial(pack.address)};
  const Buffer& request = asks[wire.any(std::size(asks))];
  return {request, pack.answer(request)};
}

Exchange any_data(Wire& wire) {
  const int address = wire.between(1, 15);
  switch (wire.any(3)) {
    case 0:
      return {trigger(address, device), device_data() + pad + done(address, device) + pad};
    case 1:
      return {trigger(address, settings), settings_of(address) + done(address, settings)};
    default:
      return {trigger(address, cells), cells_at(wire.between(0, 100)) + pad + done(address, cells)};
  }
}

Exchange any_overheard(Wire& wire) {
  if (wire.any(6) == 0) return {{}, cells_at(wire.between(0, 100)) + settings_of(0)};  // the master itself
  const Exchange one = wire.any(2) == 0 ? any_data(wire) : any_registers(wire);
  return {{}, one.request + one.answer};
}

/// Registers and refusals by their CRC, data by header, type and sum (jk.md 1.4, 3.2), with the word of who sent it
/// where that stands behind.
std::size_t intact_size(Bytes at) {
  if (at.size() >= 300 && at[0] == 0x55 && at[1] == 0xAA && at[2] == 0xEB && at[3] == 0x90) {
    if (at[4] < 1 || at[4] > 3) return 0;
    unsigned sum = 0;
    for (std::size_t i = 0; i < 299; ++i) sum += at[i];
    if (sum % 256 != at[299]) return 0;
    const std::size_t behind = at.size() > 300 && at[300] == 0 ? 301 : 300;
    return at.size() > behind && modbus_test::intact_reply(at.subspan(behind), at[behind]) == 8 ? behind + 8 : 300;
  }
  return at.empty() ? 0 : modbus_test::intact_reply(at, at[0]);
}

void check(const DamageTally& tally) {
  MESSAGE(tally.text());
  CHECK(tally.wrong == 0);
  CHECK(tally.lost_after == 0);
  CHECK(tally.refused * 10 > tally.all * 7);
}

}  // namespace

TEST_CASE("jk-modbus: damaged registers give no wrong value, and the next good ones are read") {
  const DamageTally tally = test::damage("jk-modbus", any_registers, intact_size);
  check(tally);
  CHECK(tally.unseen * 1000 < tally.all);
}

TEST_CASE("jk-modbus: damaged answers to a trigger give no wrong value, and the next good one is read") {
  const DamageTally tally = test::damage("jk-modbus", any_data, intact_size);
  check(tally);
  CHECK(tally.unseen * 50 < tally.all);
}

TEST_CASE("jk-listen: a damaged chain gives no wrong value, and what follows is read") {
  const DamageTally tally = test::damage("jk-listen", any_overheard, intact_size);
  check(tally);
  CHECK(tally.unseen * 50 < tally.all);
}
