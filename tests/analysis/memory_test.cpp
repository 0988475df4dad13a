// What an earlier Cellwarden saved of a pack.
#include "daemon/analysis/memory.h"

#include <doctest/doctest.h>

using namespace cellwarden;

namespace {

Memory of_a_year() {
  Memory memory;
  memory.cells = 8, memory.clock_s = 365 * 86400.0, memory.q = -12.5, memory.charges = 300;
  memory.top.seen = true, memory.top.time_s = memory.clock_s - 3600;
  memory.top.cells[3] = {.ah = 4.5, .src = 2};
  memory.kappa_top = 1.25, memory.held_v.add(27.6);
  memory.drift.cells[3].standing = 2, memory.drift.crossed_day = 200;
  memory.balancing.tau_any_h = 2.5, memory.usage.high_h = 700;
  memory.drift.cells[3].last_pp_day = 0.08, memory.drift.cells[3].last_day = 150, memory.heard_utc_s = 1.8e9;
  memory.advice.topic = 10, memory.advice.cell = 4;
  return memory;
}

}  // namespace

TEST_CASE("memory: everything comes back; of an earlier version what it knew, and the rest begins anew") {
  for (int version = 1; version <= Memory::version; ++version) {
    CAPTURE(version);
    const std::string blob = save_memory(of_a_year(), version);
    CHECK(blob.starts_with("cellwarden analysis " + std::to_string(version) + "\n"));
    const auto restored = restore_memory(blob);
    REQUIRE(restored);
    CHECK(restored->cells == 8);
    CHECK(restored->charges == 300);
    CHECK(restored->top.cells[3].ah == 4.5);
    CHECK(restored->kappa_top == 1.25);
    CHECK(restored->held_v.middle() == 27.6);
    CHECK(restored->drift.cells[3].standing == (version >= 2 ? 2 : 0));
    CHECK(restored->balancing.tau_any_h == (version >= 2 ? 2.5 : 0));
    CHECK(restored->usage.high_h == (version >= 2 ? 700 : 0));
    CHECK(known(restored->drift.cells[3].last_pp_day) == (version >= 4));
    CHECK(restored->heard_utc_s == (version >= 4 ? 1.8e9 : 0));
    CHECK(restored->advice.topic == (version >= 3 ? 10 : -1));
    // Whoever knew the top yesterday was full yesterday.
    CHECK(restored->drift.crossed_day == doctest::Approx(version >= 2 ? 200 : 365).epsilon(0.001));
    // Nothing is read past its end, and it is saved as the newest from now on.
    CHECK(save_memory(*restored).starts_with("cellwarden analysis 4\n"));
  }
}

TEST_CASE("memory: a version that does not fit its length, a later one, and damage are refused") {
  for (const int version : {1, 2, 3, 4}) {
    const std::string blob = save_memory(of_a_year(), version);
    CHECK_FALSE(restore_memory(blob.substr(0, blob.size() - 8)));
    CHECK_FALSE(restore_memory(blob + std::string(8, '\0')));
    std::string other = blob;
    other[20] = version == 1 ? '2' : '1';
    CHECK_FALSE(restore_memory(other));
    other[20] = '5';
    CHECK_FALSE(restore_memory(other));
    other = blob;
    other[200] ^= 1;
    CHECK_FALSE(restore_memory(other));
  }
}
