#include <doctest/doctest.h>

#include <set>

#include "protocols/daly/hkms_adapter.h"
#include "tests/protocols/conversation.h"
#include "tests/protocols/daly_hkms_board.h"

using namespace hkms_test;

namespace {

/// All that leaves for board 1 (daly.md 4a: function 03 only), written out: a write added anywhere must turn this red.
const Buffer measured = from_hex("8103000000405bfa"), state = from_hex("81030041003e8bce"),
             settings = from_hex("81030100001d9bff"), limits = from_hex("8103013000219be1"),
             identity = from_hex("81030178004a5a18");
const std::set<Buffer> allowed = {measured, state, settings, limits, identity};

using test::Chunks;

Chunks nothing(const Buffer&) { return {}; }
Chunks good(const Buffer& request) { return {Board{}.answer(request)}; }
Chunks zeros(const Buffer& request) { return {reply(std::vector<int>(request[5], 0))}; }
Chunks blank(const Buffer& request) { return {reply(std::vector<int>(request[5], 0xFFFF))}; }
Chunks refusal(const Buffer&) { return {modbus_test::refusal(0x51)}; }
ScriptedLink::Answers but(const Buffer& request, ScriptedLink::Answers otherwise) {
  return [=](const Buffer& asked) { return asked == request ? otherwise(asked) : good(asked); };
}

using Run = test::Conversation;
Run run(ScriptedLink::Answers answers, std::size_t requests, AdapterOptions options = {}) {
  daly::HkmsAdapter adapter(options);
  return test::converse(adapter, std::move(answers), requests);
}

constexpr std::size_t start = 4;  // is it awake, who is it, its settings and limits

}  // namespace

TEST_CASE("daly hkms: only allowed reads leave, whatever the board answers") {
  const std::vector<ScriptedLink::Answers> boards = {
      good,
      nothing,
      [](const Buffer&) { return Chunks{from_hex("5181512103D21000F00001FF")}; },
      [](const Buffer& request) { return Chunks{request}; },
      refusal,
      blank,
      zeros,
      but(state, nothing),
      but(settings, nothing)};
  std::set<Buffer> asked;
  for (const auto& board : boards) {
    for (const bool over_ble : {false, true}) {
      for (const int address : {0, 1}) {
        const Run done = run(board, 1500, {.address = address, .over_ble = over_ble});
        CHECK(!done.sent.empty());
        for (const auto& request : done.sent) {
          CHECK(allowed.contains(request));
          asked.insert(request);
        }
      }
    }
  }
  CHECK(asked == allowed);
}

TEST_CASE("daly hkms: each of the sixteen boards is asked by its own number, with the same reads") {
  for (int number = 1; number <= 16; ++number) {
    const auto board = [&](const Buffer& request) { return Chunks{Board{.number = number}.answer(request)}; };
    const Run done = run(board, 100, {.address = number});
    CHECK(done.heard.addresses == std::set{number});
    for (const Buffer& request : done.sent) {
      CHECK(request[0] == 0x80 + number);
      CHECK(allowed.contains(ask(u16_be(request, 2), u16_be(request, 4))));
      CHECK(request == ask(u16_be(request, 2), u16_be(request, 4), number));
    }
  }
}

TEST_CASE("daly hkms: no two of its requests ask for as much, so that a late reply is never taken for another's") {
  std::set<std::uint8_t> lengths;
  for (const Buffer& request : allowed) lengths.insert(request[5]);
  CHECK(lengths.size() == allowed.size());
}

TEST_CASE("daly hkms: identity and limits first, then a reading per poll of two requests") {
  const Run done = run(good, start + 2 * 5);
  CHECK(std::vector(done.sent.begin(), done.sent.begin() + 6) ==
        std::vector{measured, identity, settings, limits, measured, state});
  CHECK(done.heard.readings == std::vector(5, Board{}.truth()));
  CHECK(done.heard.rejected.empty());
  CHECK(done.heard.limits.cell_ovp_v.value() == doctest::Approx(3.65));
  CHECK(done.heard.limits.capacity_ah.value() == doctest::Approx(314));
  CHECK(done.heard.limits.cell_count == 8);
  CHECK(done.heard.identity.hardware == "H2");
}

TEST_CASE("daly hkms: on a wire it leaves a gap behind each answer; on the air it does not") {
  for (const bool over_ble : {false, true}) {
    const Run done = run(good, start + 2 * 5, {.over_ble = over_ble});
    std::set<SteadyTime::duration> gaps;
    for (std::size_t i = 1; i < done.sent_at.size(); ++i) gaps.insert(done.sent_at[i] - done.sent_at[i - 1]);
    CHECK(*gaps.begin() == (over_ble ? std::chrono::milliseconds(0) : std::chrono::milliseconds(300)));
  }
}

TEST_CASE("daly hkms: a silent board is asked three times, then given up") {
  const Run done = run(nothing, 500);
  CHECK(done.end == test::End::gave_up);
  CHECK(done.sent == std::vector(3, measured));
  CHECK(done.heard.good == 0);
}

TEST_CASE("daly hkms: a board asleep is said to be, and gives no reading") {
  const Run done = run(zeros, 500);
  CHECK(done.why.find("asleep") != std::string::npos);
  CHECK(done.sent.size() == 1);
  CHECK(done.heard.readings.empty());
}

TEST_CASE("daly hkms: half a poll is no reading") {
  const Run done = run(but(state, nothing), 500);
  CHECK(done.end == test::End::gave_up);
  CHECK(done.count(state) == 3);
  CHECK(done.heard.readings.empty());
}

TEST_CASE("daly hkms: a board without settings or a name is read all the same") {
  for (const auto& no : {ScriptedLink::Answers(nothing), ScriptedLink::Answers(blank)}) {
    const auto bare = [&](const Buffer& r) { return r == measured || r == state ? good(r) : no(r); };
    const Run done = run(bare, 30);
    CHECK(done.heard.readings.size() > 5);
    CHECK(done.heard.identity == Identity{});
  }
}

TEST_CASE("daly hkms: a board that refuses is told apart from a silent one") {
  const Run done = run(refusal, 50);
  CHECK(done.sent.size() == 1);
  CHECK(done.why.find("refuses") != std::string::npos);
}

TEST_CASE("daly hkms: limits are read again every ten minutes") {
  const Run done = run(good, start + 2 * 30 * 30 + 4);
  CHECK(done.count(settings) == 3);
  CHECK(done.count(limits) == 3);
}

TEST_CASE("daly hkms: lost, damaged and cut answers cost a second request, not the conversation") {
  const Run done = run(test::badly(good), 200);
  CHECK(done.sent.size() == 200);
  CHECK(done.heard.readings.size() >= 45);
  for (const Reading& reading : done.heard.readings) CHECK(reading == Board{}.truth());
}

TEST_CASE("daly hkms: the late answer to one request is never another's, nor another board's") {
  for (const int late_by : {1, 2}) {
    const auto board = [&](const Buffer& request) { return Chunks{Board{.number = late_by}.answer(request)}; };
    const Run done = run(test::late(board), 60);
    for (const Reading& reading : done.heard.readings) CHECK(reading == Board{}.truth());
    CHECK(done.heard.readings.empty() == (late_by == 2));
  }
}
