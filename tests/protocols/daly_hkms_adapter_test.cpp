#include <doctest/doctest.h>

#include <set>

#include "protocols/daly/hkms_adapter.h"
#include "tests/protocols/daly_hkms_board.h"
#include "tests/support/run_task.h"
#include "tests/support/scripted_link.h"

using namespace hkms_test;

namespace {

/// All that leaves for board 1 (daly.md 4a: function 03 only), written out: a write added anywhere must turn this red.
const Buffer measured = from_hex("8103000000405bfa"), state = from_hex("81030041003e8bce"),
             settings = from_hex("81030100001d9bff"), limits = from_hex("8103013000219be1"),
             identity = from_hex("81030178004a5a18");
const std::set<Buffer> allowed = {measured, state, settings, limits, identity};

using Chunks = std::vector<Buffer>;

Chunks nothing(const Buffer&) { return {}; }
Chunks good(const Buffer& request) { return {Board{}.answer(request)}; }
Chunks zeros(const Buffer& request) { return {reply(std::vector<int>(request[5], 0))}; }
Chunks blank(const Buffer& request) { return {reply(std::vector<int>(request[5], 0xFFFF))}; }
Chunks refusal(const Buffer&) { return {modbus_test::refusal(0x51)}; }
ScriptedLink::Answers but(const Buffer& request, ScriptedLink::Answers otherwise) {
  return [=](const Buffer& asked) { return asked == request ? otherwise(asked) : good(asked); };
}

struct Run {
  Heard heard;
  std::string fault;
  std::vector<Buffer> sent;
  std::vector<SteadyTime> sent_at;

  long count(const Buffer& request) const { return std::ranges::count(sent, request); }
};

/// Runs the adapter until the script is over or the adapter gives up.
Run run(ScriptedLink::Answers answers, std::size_t requests, AdapterOptions options = {}) {
  Run run;
  ScriptedLink link(std::move(answers), requests);
  daly::HkmsAdapter adapter(options);
  boost::asio::io_context io;
  try {
    run_task(io, adapter.run(link, run.heard));
  } catch (const LinkLost& lost) {
    run.fault = lost.what();
  } catch (const LinkTimeout&) {
    run.fault = "timeout";
  } catch (const DeviceRefused& refused) {
    run.fault = refused.what();
  }
  run.sent = link.sent;
  run.sent_at = link.sent_at;
  return run;
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
  CHECK(done.fault == "timeout");
  CHECK(done.sent == std::vector(3, measured));
  CHECK(done.heard.good == 0);
}

TEST_CASE("daly hkms: a board asleep is said to be, and gives no reading") {
  const Run done = run(zeros, 500);
  CHECK(done.fault.find("asleep") != std::string::npos);
  CHECK(done.sent.size() == 1);
  CHECK(done.heard.readings.empty());
}

TEST_CASE("daly hkms: half a poll is no reading") {
  const Run done = run(but(state, nothing), 500);
  CHECK(done.fault == "timeout");
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
  CHECK(done.fault.find("refuses") != std::string::npos);
}

TEST_CASE("daly hkms: limits are read again every ten minutes") {
  const Run done = run(good, start + 2 * 30 * 30 + 4);
  CHECK(done.count(settings) == 3);
  CHECK(done.count(limits) == 3);
}

TEST_CASE("daly hkms: lost, damaged and cut answers cost a second request, not the conversation") {
  int asks = 0;
  const auto bad_line = [&](const Buffer& request) {
    Buffer answer = good(request)[0];
    switch (++asks % 6) {
      case 1:
        return Chunks{};
      case 3:
        answer[20] ^= 0x10;
        return Chunks{answer};
      case 5:
        return Chunks{Buffer(answer.begin(), answer.begin() + 20)};
      default:
        return Chunks{Buffer(answer.begin(), answer.begin() + 20), Buffer(answer.begin() + 20, answer.end())};
    }
  };
  const Run done = run(bad_line, 200);
  CHECK(done.sent.size() == 200);
  CHECK(done.heard.readings.size() >= 45);
  for (const Reading& reading : done.heard.readings) CHECK(reading == Board{}.truth());
}

TEST_CASE("daly hkms: the late answer to one request is never another's, nor another board's") {
  for (const int late_by : {1, 2}) {
    Buffer late;
    const auto slow = [&](const Buffer& request) {
      const Buffer now = std::exchange(late, Board{.number = late_by}.answer(request));
      return now.empty() ? Chunks{} : Chunks{now};
    };
    const Run done = run(slow, 60);
    for (const Reading& reading : done.heard.readings) CHECK(reading == Board{}.truth());
    CHECK(done.heard.readings.empty() == (late_by == 2));
  }
}
