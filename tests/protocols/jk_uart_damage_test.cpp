// Damaged frames: none may yield a wrong value, unless a plain sum cannot see the damage.
#include <doctest/doctest.h>

#include "tests/protocols/damage.h"
#include "tests/protocols/jk_uart_wire.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

/// By header, length, end mark and sum (jk.md 2).
std::size_t intact_size(Bytes at) {
  if (at.size() < 21 || at[0] != 0x4E || at[1] != 0x57) return 0;
  const std::size_t size = at[2] * 256U + at[3] + 2U;
  if (size < 21 || size > at.size() || at[size - 5] != 0x68) return 0;
  unsigned sum = 0;
  for (std::size_t i = 0; i < size - 2; ++i) sum += at[i];
  return sum % 65536 == at[size - 2] * 256U + at[size - 1] ? size : 0;
}

}  // namespace

TEST_CASE("jk-uart: damaged frames tell nothing wrong, and the next good one is read") {
  std::vector<Buffer> captured;
  for (const auto& frame : jk_uart_collection()) {
    const Buffer bytes = from_hex(frame["bytes"].get<std::string>());
    if (intact_size(bytes) == bytes.size()) captured.push_back(bytes);
  }
  REQUIRE(captured.size() == 2);
  const auto any_exchange = [&](test::Wire& wire) {
    return test::Exchange{read_all, captured[wire.any(captured.size())]};
  };
  const test::DamageTally tally = test::damage("jk-uart", any_exchange, intact_size);
  MESSAGE(tally.text());
  CHECK(tally.wrong == 0);
  CHECK(tally.lost_after == 0);
  CHECK(tally.refused * 10 > tally.all * 7);
  CHECK(tally.unharmed * 10 > tally.all);
  CHECK(tally.unseen * 50 < tally.all);
}
