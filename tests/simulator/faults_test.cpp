// Each kind of fault against bytes that are known.
#include "tests/simulator/faults.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>

#include "tests/simulator/keys.h"

using namespace simulator;

namespace {

const Octets request{0xDD, 0xA5, 0x05, 0x00, 0xFF, 0xFB, 0x77};
const Octets reply{10, 20, 30, 40, 50, 60, 70, 80, 90, 100};

bool nothing_is_intact(const Octets&) { return false; }

Faults only(const std::string& kind) { return {fault_shares(kind + "=1"), 7, nothing_is_intact}; }

/// Where the wire's bytes come back with `kind` on every answer.
template <class Check>
void each_time(const std::string& kind, Check check) {
  Faults faults = only(kind);
  for (int i = 0; i < 300; ++i) check(faults.pass({.request = request, .bytes = reply}));
}

int differing_bits(const Octets& a, const Octets& b) {
  int bits = 0;
  for (std::size_t i = 0; i < a.size(); ++i) bits += std::popcount(static_cast<unsigned>(a[i] ^ b[i]));
  return bits;
}

}  // namespace

TEST_CASE("faults: none asked for, none made") {
  Faults faults(evenly(0), 1, nothing_is_intact);
  for (int i = 0; i < 1000; ++i) CHECK(faults.pass({.request = request, .bytes = reply}) == reply);
}

TEST_CASE("faults: a bit error flips one to three bits") {
  each_time("bit_error", [](const Octets& wire) {
    REQUIRE(wire.size() == reply.size());
    CHECK(differing_bits(wire, reply) >= 1);
    CHECK(differing_bits(wire, reply) <= 3);
  });
}

TEST_CASE("faults: a bit error that the checksum cannot see is drawn again and counted") {
  // A checksum that sees the first byte only.
  Faults faults(fault_shares("bit_error=1"), 7, [](const Octets& wire) { return wire[0] == reply[0]; });
  for (int i = 0; i < 100; ++i) CHECK(faults.pass({.request = request, .bytes = reply})[0] != reply[0]);
  CHECK(faults.checksum_blind() > 100);
}

TEST_CASE("faults: a lost byte is missing, a doubled one is there twice in a row") {
  each_time("lost_byte", [](const Octets& wire) {
    CHECK(wire.size() == reply.size() - 1);
    CHECK(std::ranges::includes(reply, wire));  // both ascend
  });
  each_time("doubled_byte", [](const Octets& wire) {
    CHECK(wire.size() == reply.size() + 1);
    Octets once = wire;
    const auto twice = std::ranges::adjacent_find(once);
    REQUIRE(twice != once.end());
    once.erase(twice);
    CHECK(once == reply);
  });
}

TEST_CASE("faults: half a frame, an echo and noise leave the bytes they should") {
  each_time("half_frame", [](const Octets& wire) { CHECK(wire == Octets{10, 20, 30, 40, 50}); });
  each_time("echo", [](const Octets& wire) {
    Octets both = request;
    both.insert(both.end(), reply.begin(), reply.end());
    CHECK(wire == both);
  });
  int before = 0, after = 0;
  each_time("noise", [&](const Octets& wire) {
    CHECK(wire.size() > reply.size());
    CHECK(wire.size() <= reply.size() + 8);
    before += std::equal(reply.rbegin(), reply.rend(), wire.rbegin());
    after += std::equal(reply.begin(), reply.end(), wire.begin());
  });
  CHECK(before + after == 300);
  CHECK(before > 0);
  CHECK(after > 0);
}

TEST_CASE("faults: a stale answer is the one to the request before, and never an old answer to the same request") {
  Faults faults = only("stale_answer");
  const Octets other{1, 2, 3};
  CHECK(faults.pass({.request = request, .bytes = reply}).empty());  // nothing is old yet
  CHECK(faults.pass({.request = {3}, .bytes = other}) == reply);
  CHECK(faults.pass({.request = request, .bytes = reply}) == other);
  CHECK(faults.pass({.request = request, .bytes = reply}).empty());
  CHECK(faults.count(Fault::stale_answer) == 2);
  CHECK(faults.count(Fault::no_answer) == 2);
}

TEST_CASE("faults: no answer is none") {
  each_time("no_answer", [](const Octets& wire) { CHECK(wire.empty()); });
}

TEST_CASE("faults: each kind has the share it is given") {
  Faults faults(fault_shares("bit_error=0.1,echo=0.3"), 5, nothing_is_intact);
  for (int i = 0; i < 10000; ++i) faults.pass({.request = request, .bytes = reply});
  CHECK(faults.count(Fault::bit_error) == doctest::Approx(1000).epsilon(0.15));
  CHECK(faults.count(Fault::echo) == doctest::Approx(3000).epsilon(0.1));
  CHECK(faults.count(Fault::noise) == 0);
  CHECK(evenly(0.8)[3] == doctest::Approx(0.1));
}

TEST_CASE("options: what is wrong with them is said in one line") {
  const auto refused = [](const std::string& text, const std::string& words) {
    try {
      Keys keys("--pack", text);
      keys.whole("cells", 16, 1, 32);
      keys.all_known();
    } catch (const BadOption& bad) {
      const std::string said = bad.what();
      CHECK(said.find('\n') == std::string::npos);
      return said.find(words) != std::string::npos;
    }
    return false;
  };
  CHECK_FALSE(refused("cells=4", ""));
  CHECK(refused("cells=0", "from 1 to 32"));
  CHECK(refused("cells=40", "from 1 to 32"));
  CHECK(refused("cells=abc", "from 1 to 32"));
  CHECK(refused("cells=4x", "from 1 to 32"));
  CHECK(refused("cells=nan", "from 1 to 32"));
  CHECK(refused("cells=2.5", "whole number"));
  CHECK(refused("cells=4,cells=5", "twice"));
  CHECK(refused("cells", "key=value"));
  CHECK(refused("sells=4", "no \"sells\""));
  CHECK_THROWS_AS(fault_shares("echo=0.7,noise=0.7"), BadOption);
  CHECK_THROWS_AS(fault_shares("ecco=0.7"), BadOption);
}
