// poll_every under a clock that only moves when it sleeps or when a poll takes time.
#include <doctest/doctest.h>

#include "protocols/adapter.h"
#include "tests/support/run_task.h"
#include "tests/support/scripted_link.h"

using namespace cellwarden;
using namespace std::chrono_literals;

namespace {

/// Polls begin at these moments after the start, when poll n takes `takes[n]` and the script ends with them.
std::vector<Duration> begun(Duration period, const std::vector<Duration>& takes) {
  ScriptedLink link([](const Buffer&) { return std::vector<Buffer>{}; }, 0);
  std::vector<Duration> moments;
  boost::asio::io_context io;
  const SteadyTime start = link.now();
  const auto once = [&]() -> Task<void> {
    if (moments.size() == takes.size()) throw LinkLost("the script is over");
    moments.push_back(link.now() - start);
    co_await link.sleep_until(link.now() + takes[moments.size() - 1]);
  };
  CHECK_THROWS_AS(run_task(io, poll_every(link, period, once)), LinkLost);
  return moments;
}

}  // namespace

TEST_CASE("polling: the schedule does not drift, however long a poll takes within its period") {
  std::vector<Duration> takes, expected;
  for (int n = 0; n < 1000; ++n) {
    takes.push_back(std::chrono::milliseconds(n * 7 % 1000));
    expected.push_back(n * 1s);
  }
  CHECK(begun(1s, takes) == expected);
}

TEST_CASE("polling: a poll that took as long as its period is followed at once, by one") {
  CHECK(begun(1s, {1s, 1s, 0s, 0s}) == std::vector<Duration>{0s, 1s, 2s, 3s});
}

TEST_CASE("polling: a late poll leaves out what passed meanwhile and makes no burst") {
  CHECK(begun(1s, {0s, 5500ms, 0s, 0s, 0s}) == std::vector<Duration>{0s, 1s, 7s, 8s, 9s});
  CHECK(begun(2s, {2001ms, 0s, 0s}) == std::vector<Duration>{0s, 4s, 6s});
  CHECK(begun(1s, {24h + 1ms, 0s, 0s}) == std::vector<Duration>{0s, 24h + 1s, 24h + 2s});
}
