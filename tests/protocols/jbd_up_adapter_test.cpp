#include <doctest/doctest.h>

#include <set>

#include "protocols/jbd/up_adapter.h"
#include "tests/protocols/conversation.h"
#include "tests/protocols/up_board.h"

using namespace up_test;

namespace {

/// All that leaves for unit 1 (jbd.md 3.2), written out: a write added anywhere, or a read that begins at 2000, must
/// turn this red.
const Buffer status = from_hex("0178100010a000007fb2"), thresholds = from_hex("01781800190000007d44"),
             identity = from_hex("01781c001ca000007c2e"), product = from_hex("01782810283c00007787"),
             own = from_hex("0145000000540000d4d3");
const std::set<Buffer> allowed = {status, thresholds, identity, product, own};

using test::Chunks;

Chunks nothing(const Buffer&) { return {}; }
Chunks good(const Buffer& request) { return {Unit{.number = request[0]}.answer(request)}; }
Chunks sum(const Buffer& request) { return {Unit{.packs = 3}.answer(request)}; }
Chunks asleep(const Buffer& request) { return {Unit{.other = {{0, 0}}}.answer(request)}; }
ScriptedLink::Answers but(int start, ScriptedLink::Answers otherwise, ScriptedLink::Answers all = good) {
  return [=](const Buffer& asked) { return u16_be(asked, 2) == start ? otherwise(asked) : all(asked); };
}

using Run = test::Conversation;
Run run(ScriptedLink::Answers answers, std::size_t requests, AdapterOptions options = {}) {
  jbd::UpAdapter adapter(options);
  return test::converse(adapter, std::move(answers), requests);
}

}  // namespace

TEST_CASE("jbd up: only allowed reads leave, whatever the unit answers") {
  const std::vector<ScriptedLink::Answers> units = {
      good,
      nothing,
      sum,
      asleep,
      [](const Buffer&) { return Chunks{from_hex("0179290229040006114A42440003")}; },
      [](const Buffer& request) { return Chunks{request}; },
      but(0x1C00, nothing),
      but(0x1800, nothing),
      but(0x0000, nothing),
      but(0x0000, nothing, sum)};
  std::set<Buffer> asked;
  for (const auto& unit : units) {
    for (const int address : {0, 1}) {
      const Run done = run(unit, 1500, {.address = address});
      CHECK(!done.sent.empty());
      for (const auto& request : done.sent) {
        CHECK(allowed.contains(request));
        asked.insert(request);
      }
    }
  }
  CHECK(asked == allowed);
}

TEST_CASE("jbd up: each of the sixteen units is asked by its own number; only unit 1 for its own status") {
  for (int number = 2; number <= 16; ++number) {
    const Run done = run(good, 100, {.address = number});
    CHECK(done.heard.addresses == std::set{number});
    for (const Buffer& request : done.sent) {
      CHECK(request[0] == number);
      CHECK(request[1] == 0x78);
      CHECK(allowed.contains(frame(1, request[1], u16_be(request, 2), u16_be(request, 4))));
    }
    CHECK(std::vector(done.sent.begin(), done.sent.begin() + 5) ==
          std::vector{ask_status(number), ask_identity(number), ask_product(number), ask_thresholds(number),
                      ask_status(number)});
  }
}

TEST_CASE("jbd up: who it is and what it cuts at first, then a reading per poll of one request") {
  const Run done = run(good, 5 + 5);
  CHECK(std::vector(done.sent.begin(), done.sent.begin() + 7) ==
        std::vector{status, identity, product, thresholds, own, status, status});
  CHECK(done.heard.readings == std::vector(5, Unit{}.truth()));
  CHECK(done.heard.rejected.empty());
  CHECK(done.heard.limits.cell_ovp_v.value() == doctest::Approx(3.65));
  CHECK(done.heard.limits.cell_count == 16);
  CHECK(done.heard.identity.serial == "UP16S0190001");
  CHECK(done.heard.identity.model == "UP16S019.16S200A");
  CHECK(done.heard.identity.software == "12.4.8");
}

TEST_CASE("jbd up: a slave that does not say who it is is read all the same, and not asked again") {
  const auto slave = [](const Buffer& request) { return u16_be(request, 2) == 0x1000 ? good(request) : Chunks{}; };
  const Run done = run(slave, 1 + 2 + 2 + 1000, {.address = 2});
  CHECK(done.count(ask_identity(2)) == 2);
  CHECK(done.count(ask_product(2)) == 0);
  CHECK(done.count(ask_thresholds(2)) == 2);
  CHECK(done.heard.readings.size() == 1000);
  CHECK(done.heard.identity.serial == "PACK7");
  CHECK(done.heard.identity.software == "12.4");
}

TEST_CASE("jbd up: of a unit 1 that tells sums its own status is read at every poll, and none is told without") {
  const Run done = run(sum, 5 + 2 * 5);
  CHECK(done.count(own) == 1 + 5);
  REQUIRE(done.heard.readings.size() == 5);
  for (const Reading& reading : done.heard.readings) {
    CHECK(reading.remaining_ah.value() == doctest::Approx(60.95));
    CHECK_FALSE(reading.current_a);
  }
  int asks = 0;
  const auto once = [&](const Buffer& request) { return ++asks == 1 ? sum(request) : Chunks{}; };
  const Run lost = run(but(0x0000, once, sum), 500);
  CHECK(lost.end == test::End::gave_up);
  CHECK(lost.heard.readings.empty());
}

TEST_CASE("jbd up: a silent unit is asked three times, then given up; one that loses the first request is read") {
  const Run silent = run(nothing, 500);
  CHECK(silent.end == test::End::gave_up);
  CHECK(silent.sent == std::vector(3, status));
  CHECK(silent.heard.good == 0);
  bool is_asleep = true;
  const Run woken = run([&](const Buffer& r) { return std::exchange(is_asleep, false) ? Chunks{} : good(r); }, 20);
  CHECK(woken.heard.readings.size() == 14);
}

TEST_CASE("jbd up: a board asleep is said to be, and gives no reading") {
  const Run done = run(asleep, 500);
  CHECK(done.why.find("asleep") != std::string::npos);
  CHECK(done.heard.readings.empty());
}

TEST_CASE("jbd up: thresholds are read again every ten minutes") {
  const Run done = run(good, 5 + 2 * 30 * 10 + 5);
  CHECK(done.count(thresholds) == 3);
  CHECK(done.count(own) == 3);
}

TEST_CASE("jbd up: lost, damaged and cut answers cost a second request, not the conversation") {
  const Run done = run(test::badly(good), 200);
  CHECK(done.sent.size() == 200);
  CHECK(done.heard.readings.size() >= 90);
  for (const Reading& reading : done.heard.readings) CHECK(reading == Unit{}.truth());
}

TEST_CASE("jbd up: the late answer to one request is never another's, nor another unit's") {
  for (const int late_by : {1, 2}) {
    const auto board = [&](const Buffer& request) { return Chunks{Unit{.number = late_by}.answer(request)}; };
    const Run done = run(test::late(board), 60);
    for (const Reading& reading : done.heard.readings) CHECK(reading == Unit{}.truth());
    CHECK(done.heard.readings.empty() == (late_by == 2));
  }
}
