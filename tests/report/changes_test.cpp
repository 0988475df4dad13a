// What the days tell together.
#include "daemon/report/changes.h"

#include <doctest/doctest.h>

#include "tests/report/made_facts.h"

using namespace cellwarden;
using namespace cellwarden::report;
using namespace cellwarden::test;

namespace {

std::vector<DayPoint> days_of(int count, const auto& make) {
  std::vector<DayPoint> all;
  for (int n = 0; n < count; ++n) all.push_back(make(n));
  return all;
}
/// A little unrest, the same each time.
double unrest(int n, int cell) { return 0.02 * ((n * 7 + cell * 3) % 5 - 2) / 2; }

}  // namespace

TEST_CASE("changes: since when: the first day of the run that lasts; days that tell nothing do not end it") {
  std::vector<DayPoint> days = {a_day(0, {0, 2}), a_day(1, {0, 0.4}), a_day(2, {0, 1.2}),   a_day(3, {0, 1.8}),
                                a_day(4, {}),     a_day(5, {0, 1.2}), a_day(6, {0, absent})};
  auto trouble = present_trouble(days, {});
  REQUIRE(trouble);
  CHECK(trouble->since == day(3));
  CHECK_FALSE(trouble->from_the_first);
  CHECK(trouble->cut_by_bms == 0);
  days.push_back(a_day(7, {0, 0.9}));
  CHECK_FALSE(present_trouble(days, {}));
  days.push_back(a_day(8, {}));
  days.back().cut_by_bms = 2;
  CHECK(present_trouble(days, {})->since == day(8));
  CHECK(present_trouble(days, {})->cut_by_bms == 2);
  days.resize(1);
  CHECK(present_trouble(days, {})->from_the_first);
  CHECK_FALSE(present_trouble({}, {}));
}

TEST_CASE("changes: one connection tightened is found with its day and both values") {
  const auto steps = resistance_steps(days_of(60, [](int n) {
    // The estimate follows over some days.
    const double gone = n < 30 ? 0 : 1 - std::pow(0.5, n - 29);
    return a_day(n, {}, {0.6 + unrest(n, 1), 1.9 - 1.3 * gone + unrest(n, 2), 0.6 + unrest(n, 3), 0.61});
  }));
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].cell == 2);
  CHECK(std::abs((steps[0].day - day(30)).count()) <= 1);
  CHECK(steps[0].before_mohm == doctest::Approx(1.9).epsilon(0.03));
  CHECK(steps[0].after_mohm == doctest::Approx(0.6).epsilon(0.05));
}

TEST_CASE("changes: a cold winter raises all cells alike, and is no step; nor is a slow rise, nor unrest") {
  CHECK(resistance_steps(days_of(60, [](int n) {
          const double r = n < 30 ? 0.5 : 1.0;
          return a_day(n, {}, {r + unrest(n, 1), r, r + unrest(n, 3), r});
        })).empty());
  CHECK(resistance_steps(days_of(120, [](int n) {
          return a_day(n, {}, {0.5, 0.5 + 0.003 * n, 0.5, 0.5 + unrest(n, 4)});
        })).empty());
}

TEST_CASE("changes: weeks without a full charge, over and not over") {
  std::vector<DayPoint> days = {a_day(0, {0, 1}), a_day(5, {}), a_day(10, {0, 1}), a_day(20, {}), a_day(40, {0, 1})};
  const auto over = droughts(days, day(50));
  REQUIRE(over.size() == 1);
  CHECK(over[0].from == day(10));
  CHECK(over[0].to == day(40));
  CHECK_FALSE(over[0].stands);
  const auto stands = droughts(days, day(60));
  REQUIRE(stands.size() == 2);
  CHECK(stands[1].from == day(40));
  CHECK(stands[1].stands);
  CHECK(droughts({}, day(60)).empty());
}

TEST_CASE("changes: when a cell began to drift; not where it did from the first day") {
  const auto at = drift_began(
      days_of(80,
              [](int n) {
                return a_day(n, {0.1 + unrest(n, 1), 0, 0.1, 0.1 + unrest(n, 4) + 0.04 * std::max(0, n - 50)});
              }),
      4);
  REQUIRE(at);
  CHECK(std::abs((*at - day(50)).count()) <= 3);
  const auto from_the_first = days_of(80, [](int n) {
    return a_day(n, {0.1, 0, 0.1 + unrest(n, 3), 0.04 * n + unrest(n, 4)});
  });
  CHECK_FALSE(drift_began(from_the_first, 4));
  // By chance it began a little late: no reason to name a day.
  const auto by_chance = days_of(80, [](int n) {
    return a_day(n, {0.1, 0, 0.1 + unrest(n, 3), std::max(n < 6 ? 0.08 : 0, 0.02 * n) + 3 * unrest(n, 4)});
  });
  CHECK_FALSE(drift_began(by_chance, 4));
  CHECK_FALSE(drift_began(days_of(5, [](int n) { return a_day(n, {0, 0, 0, 0.1 * n}); }), 4));
}
