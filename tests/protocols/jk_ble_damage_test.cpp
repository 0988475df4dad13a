// Damaged frames: none may yield a wrong value, unless a sum of eight bits cannot see the damage.
#include <doctest/doctest.h>

#include "tests/protocols/damage.h"
#include "tests/protocols/jk_ble_wire.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

/// By header, type and sum (jk.md 1.4).
std::size_t intact_size(Bytes at) {
  if (at.size() < 300 || at[0] != 0x55 || at[1] != 0xAA || at[2] != 0xEB || at[3] != 0x90) return 0;
  if (at[4] != 1 && at[4] != 2 && at[4] != 3 && at[4] != 5) return 0;
  unsigned sum = 0;
  for (std::size_t i = 0; i < 299; ++i) sum += at[i];
  return sum % 256 == at[299] ? 300 : 0;
}

}  // namespace

TEST_CASE("jk-ble: damaged frames tell nothing wrong, and the next good one is read") {
  std::vector<Exchange> exchanges;
  for (const auto& entry : jk_ble_collection()) {
    if (!entry.contains("bytes") || entry["expect"].contains("reject")) continue;
    const std::string kind = entry["kind"];
    if (kind == "command_ack" || kind == "logbook") continue;
    exchanges.push_back({kind == "device_info" ? jk::ble_ask_device() : jk::ble_start_stream(),
                         jk_ble_bytes(entry["name"].get<std::string>())});
  }
  REQUIRE(exchanges.size() == 38);
  const auto any_exchange = [&](Wire& wire) { return exchanges[wire.any(exchanges.size())]; };
  const DamageTally tally = damage("jk-ble", any_exchange, intact_size);
  MESSAGE(tally.text());
  CHECK(tally.wrong == 0);
  CHECK(tally.lost_after == 0);
  CHECK(tally.refused * 10 > tally.all * 7);
  CHECK(tally.unharmed * 10 > tally.all);
  CHECK(tally.unseen * 50 < tally.all);
}

TEST_CASE("jk-ble: every single flipped bit and every single lost byte is seen") {
  const Buffer frame = jk_ble_frame("pb_14.20_cell");
  for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
    Buffer damaged = frame;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ 1 << bit % 8);
    const Heard heard = test::hear(damaged);
    CAPTURE(bit);
    CHECK(heard.good == 0);
    CHECK(heard.readings.empty());
    CHECK(!heard.rejected.empty());
  }
  for (std::size_t lost = 0; lost < frame.size(); ++lost) {
    Buffer damaged = frame;
    damaged.erase(damaged.begin() + static_cast<std::ptrdiff_t>(lost));
    CAPTURE(lost);
    CHECK(test::hear(damaged).good == 0);
  }
}
