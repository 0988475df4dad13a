// Ten thousand damaged replies. No value may come of one, unless the damage gives a frame that JBD's sum calls good:
// a 16-bit sum does not see two bytes that change against each other. Those are counted, by a search of its own.
#include <doctest/doctest.h>

#include <random>

#include "tests/protocols/dd_frame.h"
#include "tests/protocols/heard.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t end) {
  return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
}
int between(Random& random, int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }
std::uint8_t byte(Random& random) { return static_cast<std::uint8_t>(between(random, 0, 255)); }

struct Exchange {
  Buffer request, reply;
};

Exchange any_exchange(Random& random) {
  switch (below(random, 4)) {
    case 0: {
      BasicInfoData data;
      data.pack_10mv = between(random, 900, 6000), data.current_10ma = between(random, -20000, 20000);
      data.soc = between(random, 0, 100), data.cells = between(random, 3, 32), data.cycles = between(random, 0, 5000);
      data.temps.assign(below(random, 5), between(random, 2531, 3331));
      return {dd_request(0x03), dd_reply(0x03, data.bytes())};
    }
    case 1: {
      std::vector<int> mv(below(random, 32) + 1);
      for (int& cell : mv) cell = between(random, 2500, 3650);
      return {dd_request(0x04), dd_reply(0x04, words(mv))};
    }
    case 2: {
      Buffer text(below(random, 24) + 1);
      for (auto& letter : text) letter = static_cast<std::uint8_t>(between(random, 0x20, 0x7E));
      return {dd_request(0x05), dd_reply(0x05, text)};
    }
    default: {
      std::vector<int> values(40);
      for (int& value : values) value = between(random, 0, 65535);
      Buffer data{0, 0, 40};
      const Buffer raw = words(values);
      data.insert(data.end(), raw.begin(), raw.end());
      return {dd_request(0xFA, {0, 0, 40}), dd_reply(0xFA, data)};
    }
  }
}

/// What lines do: flip bits, garble a few bytes, lose some, add some, swap neighbours, end early. True when it only
/// swapped: no sum sees that.
bool damage(Buffer& bytes, Random& random) {
  const auto at = [&] { return bytes.begin() + static_cast<std::ptrdiff_t>(below(random, bytes.size())); };
  switch (below(random, 6)) {
    case 0:
      for (int flips = between(random, 1, 3); flips > 0; --flips) {
        auto& hit = *at();
        hit = static_cast<std::uint8_t>(hit ^ 1 << below(random, 8));
      }
      break;
    case 1:
      for (int garbled = between(random, 1, 6); garbled > 0; --garbled) *at() = byte(random);
      break;
    case 2:
      for (int lost = between(random, 1, 3); lost > 0 && bytes.size() > 1; --lost) bytes.erase(at());
      break;
    case 3:
      for (int added = between(random, 1, 3); added > 0; --added) bytes.insert(at(), byte(random));
      break;
    case 4: {
      const std::size_t first = below(random, bytes.size() - 1);
      std::swap(bytes[first], bytes[first + 1]);
      return true;
    }
    default:
      bytes.resize(below(random, bytes.size()));
  }
  return false;
}

/// All frames in `bytes` that the rule of jbd.md 1 calls good, wherever they begin.
std::vector<Buffer> good_frames(const Buffer& bytes) {
  std::vector<Buffer> found;
  for (std::size_t at = 0; at + 7 <= bytes.size(); ++at) {
    const std::size_t size = bytes[at + 3] + 7U;
    if (bytes[at] != 0xDD || at + size > bytes.size() || bytes[at + size - 1] != 0x77) continue;
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    Buffer frame(begin, begin + static_cast<std::ptrdiff_t>(size));
    unsigned sum = 0;
    for (std::size_t i = 2; i < size - 3; ++i) sum += frame[i];
    sum += static_cast<unsigned>(frame[size - 3] << 8 | frame[size - 2]);
    if ((sum & 0xFFFF) == 0) found.push_back(std::move(frame));
  }
  return found;
}

bool same_values(const Heard& heard, const Heard& truth) {
  const auto unknown_or = [](const auto& value, const auto& wanted, const auto& nothing) {
    return value == nothing || value == wanted;
  };
  return (heard.readings.empty() || heard.readings == truth.readings) &&
         unknown_or(heard.limits, truth.limits, Limits{}) && unknown_or(heard.identity, truth.identity, Identity{});
}

/// What was heard is what a frame says that the sum calls good.
bool said_by_a_good_frame(const Heard& heard, const Exchange& exchange, const Buffer& damaged) {
  return std::ranges::any_of(good_frames(damaged), [&](const Buffer& frame) {
    return same_values(heard, hear(exchange.request, frame, frame.size()));
  });
}

}  // namespace

TEST_CASE("jbd: ten thousand damaged replies give no wrong value, and the next good one is read") {
  Random random(42);
  int unharmed = 0, refused = 0, unseen_by_the_sum = 0, swapped_unseen = 0, wrong = 0, lost_after = 0;
  for (int n = 0; n < 10'000; ++n) {
    const Exchange exchange = any_exchange(random);
    const Heard truth = hear(exchange.request, exchange.reply, 512);
    REQUIRE(truth.good == 1);
    Buffer damaged = exchange.reply;
    bool only_swapped = false;
    while (damaged == exchange.reply) only_swapped = damage(damaged, random);

    const Heard heard = hear(exchange.request, damaged, below(random, 64) + 1);
    if (heard.good == 0) {
      ++refused;
    } else if (same_values(heard, truth)) {
      ++unharmed;  // noise around an intact frame
    } else if (said_by_a_good_frame(heard, exchange, damaged)) {
      ++(only_swapped ? swapped_unseen : unseen_by_the_sum);
    } else {
      ++wrong;
    }
    if (heard.good == 0 && (!heard.readings.empty() || heard.limits != Limits{} || heard.identity != Identity{}))
      ++wrong;

    // The same decoder goes on: asked again, a good answer is read as ever.
    Heard after;
    jbd::JbdDecoder decoder;
    decoder.feed(Direction::to_bms, exchange.request, after);
    decoder.feed(Direction::from_bms, damaged, after);
    after = {};
    decoder.feed(Direction::to_bms, exchange.request, after);
    decoder.feed(Direction::from_bms, exchange.reply, after);
    decoder.finish(after);
    if (after.good != 1 || after.identity != truth.identity) ++lost_after;
  }
  MESSAGE("10000 damaged: ", refused, " refused, ", unharmed, " unharmed in noise, ", swapped_unseen,
          " with two bytes swapped and ", unseen_by_the_sum, " others that a 16-bit sum cannot see, ", wrong, " wrong");
  CHECK(wrong == 0);
  CHECK(lost_after == 0);
  CHECK(refused > 8000);
  CHECK(unseen_by_the_sum < 200);
}

TEST_CASE("jbd: every single flipped bit and every single lost byte is seen") {
  const Buffer request = dd_request(0x03), reply = dd_reply(0x03, BasicInfoData{}.bytes());
  for (std::size_t bit = 0; bit < reply.size() * 8; ++bit) {
    CAPTURE(bit);
    Buffer damaged = reply;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ 1 << bit % 8);
    const Heard heard = hear(request, damaged, damaged.size());
    CHECK(heard.good == 0);
    CHECK_FALSE(heard.reading);
    CHECK_FALSE(heard.rejected.empty());
  }
  for (std::size_t lost = 0; lost < reply.size(); ++lost) {
    CAPTURE(lost);
    Buffer damaged = reply;
    damaged.erase(damaged.begin() + static_cast<std::ptrdiff_t>(lost));
    const Heard heard = hear(request, damaged, damaged.size());
    CHECK(heard.good == 0);
    CHECK_FALSE(heard.reading);
  }
}
