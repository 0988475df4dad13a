// Damaged replies: no value may come of one, unless the damage gives a frame that JBD's 16-bit sum calls good.
#include <doctest/doctest.h>

#include "protocols/jbd/jbd_decoder.h"
#include "tests/protocols/damage.h"
#include "tests/protocols/dd_frame.h"
#include "tests/protocols/heard.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

Exchange any_exchange(Wire& wire) {
  switch (wire.any(4)) {
    case 0: {
      BasicInfoData data;
      data.pack_10mv = wire.between(900, 6000), data.current_10ma = wire.between(-20000, 20000);
      data.soc = wire.between(0, 100), data.cells = wire.between(3, 32), data.cycles = wire.between(0, 5000);
      data.temps.assign(wire.any(5), wire.between(2531, 3331));
      return {dd_request(0x03), dd_reply(0x03, data.bytes())};
    }
    case 1: {
      std::vector<int> mv(wire.any(32) + 1);
      for (int& cell : mv) cell = wire.between(2500, 3650);
      return {dd_request(0x04), dd_reply(0x04, words(mv))};
    }
    case 2: {
      Buffer text(wire.any(24) + 1);
      for (auto& letter : text) letter = static_cast<std::uint8_t>(wire.between(0x20, 0x7E));
      return {dd_request(0x05), dd_reply(0x05, text)};
    }
    default: {
      std::vector<int> values(40);
      for (int& value : values) value = wire.between(0, 65535);
      Buffer data{0, 0, 40};
      const Buffer raw = words(values);
      data.insert(data.end(), raw.begin(), raw.end());
      return {dd_request(0xFA, {0, 0, 40}), dd_reply(0xFA, data)};
    }
  }
}

/// By the rule of jbd.md 1.
std::size_t intact_size(Bytes at) {
  if (at.size() < 7 || at[0] != 0xDD) return 0;
  const std::size_t size = at[3] + 7U;
  if (size > at.size() || at[size - 1] != 0x77) return 0;
  unsigned sum = static_cast<unsigned>(at[size - 3] << 8 | at[size - 2]);
  for (std::size_t i = 2; i < size - 3; ++i) sum += at[i];
  return (sum & 0xFFFF) == 0 ? size : 0;
}

}  // namespace

TEST_CASE("jbd: damaged replies give no wrong value, and the next good one is read") {
  const DamageTally tally = damage("jbd", any_exchange, intact_size);
  MESSAGE(tally.text());
  CHECK(tally.wrong == 0);
  CHECK(tally.lost_after == 0);
  CHECK(tally.refused * 10 > tally.all * 7);
  CHECK(tally.unseen * 50 < tally.all);
}

TEST_CASE("jbd: every single flipped bit and every single lost byte is seen") {
  const Buffer request = dd_request(0x03), reply = dd_reply(0x03, BasicInfoData{}.bytes());
  for (std::size_t bit = 0; bit < reply.size() * 8; ++bit) {
    CAPTURE(bit);
    Buffer damaged = reply;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ 1 << bit % 8);
    const Heard heard = hear(jbd::JbdDecoder(), request, {damaged});
    CHECK(heard.good == 0);
    CHECK_FALSE(heard.last());
    CHECK_FALSE(heard.rejected.empty());
  }
  for (std::size_t lost = 0; lost < reply.size(); ++lost) {
    CAPTURE(lost);
    Buffer damaged = reply;
    damaged.erase(damaged.begin() + static_cast<std::ptrdiff_t>(lost));
    const Heard heard = hear(jbd::JbdDecoder(), request, {damaged});
    CHECK(heard.good == 0);
    CHECK_FALSE(heard.last());
  }
}
