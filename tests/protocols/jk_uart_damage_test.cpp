// Ten thousand damaged frames: none may yield a wrong value, unless a plain sum cannot see the damage.
#include <doctest/doctest.h>

#include <random>

#include "tests/protocols/jk_uart_wire.h"

using namespace cellwarden;

namespace {

class Damage {
 public:
  explicit Damage(unsigned seed) : random_(seed) {}

  Buffer of(Buffer frame) {
    const auto at = static_cast<std::ptrdiff_t>(any(frame.size()));
    switch (any(8)) {
      case 0:
        flip(frame);
        break;
      case 1:
        for (std::size_t flips = 2 + any(2); flips > 0; --flips) flip(frame);
        break;
      case 2:
        frame.erase(frame.begin() + at);
        break;
      case 3:
        frame.insert(frame.begin() + at, frame[static_cast<std::size_t>(at)]);
        break;
      case 4:
        frame.resize(static_cast<std::size_t>(at));
        break;
      case 5:  // a burst
        for (std::size_t i = static_cast<std::size_t>(at), n = 2 + any(8); n > 0 && i < frame.size(); ++i, --n) {
          frame[i] = static_cast<std::uint8_t>(any(256));
        }
        break;
      case 6:
        frame.insert(frame.begin() + at, static_cast<std::uint8_t>(any(256)));
        break;
      default:  // noise around it
        for (std::size_t n = 1 + any(8); n > 0; --n) {
          frame.insert(any(2) == 0 ? frame.begin() : frame.end(), static_cast<std::uint8_t>(any(256)));
        }
    }
    return frame;
  }
  std::size_t any(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }

 private:
  void flip(Buffer& frame) { frame[any(frame.size())] ^= static_cast<std::uint8_t>(1 << any(8)); }

  std::mt19937 random_;
};

/// Whether `bytes` hold a frame other than `sent` that is intact by header, length, end mark and sum.
bool sum_is_blind(const Buffer& bytes, const Buffer& sent) {
  for (std::size_t at = 0; at + 21 <= bytes.size(); ++at) {
    if (bytes[at] != 0x4E || bytes[at + 1] != 0x57) continue;
    const std::size_t size = bytes[at + 2] * 256U + bytes[at + 3] + 2U;
    if (size < 21 || at + size > bytes.size() || bytes[at + size - 5] != 0x68) continue;
    unsigned sum = 0;
    for (std::size_t i = at; i < at + size - 2; ++i) sum += bytes[i];
    if (sum % 65536 != bytes[at + size - 2] * 256U + bytes[at + size - 1]) continue;
    if (!std::equal(sent.begin(), sent.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                    bytes.begin() + static_cast<std::ptrdiff_t>(at + size)))
      return true;
  }
  return false;
}

template <class T>
bool only(const std::vector<T>& told, const T& truth) {
  return std::ranges::all_of(told, [&](const T& one) { return one == truth; });
}

}  // namespace

TEST_CASE("jk-uart: ten thousand damaged frames tell nothing wrong and hide nothing right") {
  const Buffer first = captured_14s(), second = from_hex(jk_uart_collection()[1]["bytes"].get<std::string>());
  const Heard truth = hear(first), next = hear(second);
  Damage damage(20261125);
  int refused = 0, survived = 0, blind = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Buffer bytes = damage.of(first);
    Heard heard;
    jk::UartDecoder decoder;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t chunk = std::min(1 + damage.any(100), bytes.size() - at);
      decoder.feed(Direction::from_bms, Bytes(bytes).subspan(at, chunk), heard);
      at += chunk;
    }
    if (sum_is_blind(bytes, first)) {
      ++blind;
      continue;
    }
    decoder.feed(Direction::from_bms, second, heard);
    decoder.finish(heard);
    REQUIRE(!heard.readings.empty());
    CHECK(heard.readings.back() == next.readings[0]);
    heard.readings.pop_back(), heard.limits.pop_back(), heard.identities.pop_back();
    CHECK(heard.readings.size() <= 1);
    CHECK(only(heard.readings, truth.readings[0]));
    CHECK(only(heard.limits, truth.limits[0]));
    CHECK(only(heard.identities, truth.identities[0]));
    ++(heard.readings.empty() ? refused : survived);
  }
  MESSAGE("refused " << refused << ", whole among junk " << survived << ", not to be seen by the sum " << blind);
  CHECK(refused > 7000);
  CHECK(survived > 1000);
  CHECK(blind < 300);
}
