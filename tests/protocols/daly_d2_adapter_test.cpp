#include <doctest/doctest.h>

#include <set>

#include "protocols/daly/d2_adapter.h"
#include "tests/protocols/conversation.h"
#include "tests/protocols/daly_d2_board.h"

using namespace d2_test;
using test::End;

namespace {

/// All that leaves for a Daly over D2 (daly.md 4a: function 03 only), written out: a write added anywhere must turn
/// this red.
const Buffer live = from_hex("D2030000003ED7B9"), board_block = from_hex("D203003E0009F7A3"),
             settings = from_hex("D20300800029965F"), identity = from_hex("D20300A900208791");
const std::set<Buffer> allowed = {live, board_block, settings, identity};

Chunks nothing(const Buffer&) { return {}; }
Chunks good(const Buffer& request) { return {Board{}.answer(request)}; }
ScriptedLink::Answers but(const Buffer& request, ScriptedLink::Answers otherwise) {
  return [=](const Buffer& asked) { return asked == request ? otherwise(asked) : good(asked); };
}

using Run = test::Conversation;
Run run(ScriptedLink::Answers answers, std::size_t requests, AdapterOptions options = {}) {
  daly::D2Adapter adapter(options);
  return test::converse(adapter, std::move(answers), requests);
}

constexpr std::size_t start = 3;  // is it awake, who is it, its settings

}  // namespace

TEST_CASE("daly d2: only allowed reads leave, whatever the board answers") {
  const std::vector<ScriptedLink::Answers> boards = {
      good,
      nothing,
      [](const Buffer&) { return Chunks{from_hex("D2D203D21000F00001FF")}; },
      [](const Buffer& request) { return Chunks{request}; },
      [](const Buffer&) { return Chunks{modbus_test::refusal(0xD2)}; },
      [](const Buffer& request) { return Chunks{reply(std::vector<int>(request[5], 0xFFFF))}; },
      [](const Buffer& request) { return Chunks{reply(std::vector<int>(request[5], 0))}; },
      but(board_block, nothing),
      but(settings, nothing)};
  std::set<Buffer> asked;
  for (const auto& board : boards) {
    for (const bool over_ble : {false, true}) {
      const Run done = run(board, 1500, {.over_ble = over_ble});
      CHECK(!done.sent.empty());
      for (const auto& request : done.sent) {
        CHECK(allowed.contains(request));
        asked.insert(request);
      }
    }
  }
  CHECK(asked == allowed);
}

TEST_CASE("daly d2: no two of its requests ask for as much, so that a late reply is never taken for another's") {
  std::set<std::uint8_t> lengths;
  for (const Buffer& request : allowed) lengths.insert(request[5]);
  CHECK(lengths.size() == allowed.size());
}

TEST_CASE("daly d2: identity and limits first, then a reading per poll of two requests") {
  const Run done = run(good, start + 2 * 5);
  CHECK(std::vector(done.sent.begin(), done.sent.begin() + 5) ==
        std::vector{live, identity, settings, live, board_block});
  CHECK(done.heard.readings == std::vector(5, Board{}.truth()));
  CHECK(done.heard.rejected.empty());
  CHECK(done.heard.limits.cell_ovp_v.value() == doctest::Approx(3.65));
  CHECK(done.heard.limits.cell_count == 8);
  CHECK(done.heard.identity.hardware == "H2");
}

TEST_CASE("daly d2: on a wire it leaves a gap behind each answer; on the air it does not") {
  for (const bool over_ble : {false, true}) {
    const Run done = run(good, start + 2 * 5, {.over_ble = over_ble});
    std::set<SteadyTime::duration> gaps;
    for (std::size_t i = 1; i < done.sent_at.size(); ++i) gaps.insert(done.sent_at[i] - done.sent_at[i - 1]);
    CHECK(*gaps.begin() == (over_ble ? std::chrono::milliseconds(0) : std::chrono::milliseconds(300)));
  }
}

TEST_CASE("daly d2: a silent board is asked three times, then given up") {
  const Run done = run(nothing, 500);
  CHECK(done.end == End::gave_up);
  CHECK(done.sent == std::vector(3, live));
  CHECK(done.heard.good == 0);
}

TEST_CASE("daly d2: a board asleep is said to be, and gives no reading") {
  const Run done = run([](const Buffer& request) { return Chunks{reply(std::vector<int>(request[5], 0))}; }, 500);
  CHECK(done.why.find("asleep") != std::string::npos);
  CHECK(done.sent.size() == 1);
  CHECK(done.heard.readings.empty());
}

TEST_CASE("daly d2: a board without the registers behind the live ones is soon not asked for them") {
  const Run silent = run(but(board_block, nothing), 40);
  CHECK(silent.count(board_block) == 3);
  CHECK(silent.heard.readings == std::vector(static_cast<std::size_t>(silent.count(live)) - 1, Board{}.live()));
  for (const auto& no :
       {ScriptedLink::Answers([](const Buffer&) { return Chunks{modbus_test::refusal(0xD2)}; }),
        ScriptedLink::Answers([](const Buffer&) { return Chunks{reply(std::vector<int>(9, 0xFFFF))}; })}) {
    const Run refuses = run(but(board_block, no), 40);
    CHECK(refuses.count(board_block) == 1);
    CHECK(refuses.heard.readings.size() == 36);
    CHECK(refuses.heard.readings.back() == Board{}.live());
  }
}

TEST_CASE("daly d2: a board that has them is asked again, and told without them only when it stays silent") {
  int asks = 0;
  const auto sometimes = [&](const Buffer& r) { return ++asks % 2 == 0 ? nothing(r) : good(r); };
  const Run done = run(but(board_block, sometimes), start + 3 * 10 - 1);
  CHECK(done.heard.readings == std::vector(10, Board{}.truth()));
  int polls = 0;
  const auto first_only = [&](const Buffer& r) { return ++polls == 1 ? good(r) : nothing(r); };
  const Run lost = run(but(board_block, first_only), start + 2 + 4 * 4);
  CHECK(lost.heard.readings.size() == 5);
  CHECK(lost.heard.readings.back() == Board{}.live());
}

TEST_CASE("daly d2: a board without settings or a name is read all the same") {
  for (const auto& no : {ScriptedLink::Answers(nothing), ScriptedLink::Answers([](const Buffer& r) {
                           return Chunks{reply(std::vector<int>(r[5], 0xFFFF))};
                         })}) {
    const Run done = run([&](const Buffer& r) { return r == settings || r == identity ? no(r) : good(r); }, 30);
    CHECK(done.heard.readings.size() > 5);
    CHECK(done.heard.identity == Identity{});
  }
}

TEST_CASE("daly d2: a board that refuses is told apart from a silent one") {
  const Run done = run([](const Buffer&) { return Chunks{modbus_test::refusal(0xD2)}; }, 50);
  CHECK(done.sent.size() == 1);
  CHECK(done.why.find("refuses") != std::string::npos);
}

TEST_CASE("daly d2: limits are read again every ten minutes") {
  const Run done = run(good, start + 2 * 30 * 30 + 2);
  CHECK(done.count(settings) == 3);
}

TEST_CASE("daly d2: lost, damaged and cut answers cost a second request, not the conversation") {
  const Run done = run(test::badly(good), 200);
  CHECK(done.sent.size() == 200);
  CHECK(done.heard.readings.size() >= 45);
  for (const Reading& reading : done.heard.readings) CHECK((reading == Board{}.truth() || reading == Board{}.live()));
}

TEST_CASE("daly d2: the late answer to one request is never another's") {
  const Run done = run(test::late(good), 60);
  CHECK(done.heard.readings.size() > 5);
  for (const Reading& reading : done.heard.readings) CHECK((reading == Board{}.truth() || reading == Board{}.live()));
}
