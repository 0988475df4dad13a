#include <doctest/doctest.h>

#include <set>

#include "protocols/jk/uart_adapter.h"
#include "tests/protocols/conversation.h"
#include "tests/protocols/jk_uart_wire.h"

using namespace cellwarden;
using namespace cellwarden::test;
using namespace std::chrono_literals;

namespace {

/// All that may leave for a JK on its TTL port (jk.md 3.7), written out: a write added anywhere must turn this red.
const std::set<Buffer> allowed = {from_hex("4E5700130000000006030000000000006800000129")};

Chunks good(const Buffer&) { return {captured_14s()}; }
Chunks silent(const Buffer&) { return {}; }

struct Run {
  Heard heard;
  End end;
};
Run run(Link& link, AdapterOptions options = {}) {
  Run done;
  jk::UartAdapter adapter(options);
  done.end = run_to_its_end(adapter, link, done.heard).how;
  return done;
}

Buffer damaged(Buffer frame) {
  frame[20] ^= 0x10;
  return frame;
}

}  // namespace

TEST_CASE("jk-uart: only the one allowed request leaves, whatever the board answers") {
  Buffer upload = captured_14s();
  upload[10] = 2, ++upload.back();
  const std::vector<ScriptedLink::Answers> boards = {
      good,
      silent,
      [](const Buffer&) { return Chunks{damaged(captured_14s())}; },
      [](const Buffer& request) { return Chunks{request}; },
      [](const Buffer&) { return Chunks{jk_frame(from_hex("00"))}; },
      [&](const Buffer&) { return Chunks{upload}; },
      [](const Buffer&) { return Chunks{from_hex("4E57FFFF004E5700130000")}; }};
  std::size_t asked = 0;
  for (const auto& board : boards) {
    for (int again = 0; again < 3; ++again) {  // what a session does after a fault
      ScriptedLink link(board, 50);
      run(link);
      CHECK(!link.sent.empty());
      for (const auto& request : link.sent) CHECK(allowed.contains(request));
      asked += link.sent.size();
    }
  }
  CHECK(asked > 300);
  CHECK(allowed.contains(jk::uart_read_all()));
}

TEST_CASE("jk-uart: one request per poll brings a reading, limits and identity") {
  ScriptedLink link(good, 5);
  const Run done = run(link);
  CHECK(done.heard.readings.size() == 5);
  CHECK(done.heard.limit_sets.size() == 5);
  CHECK(done.heard.identities.at(0).brand == "JK");
  CHECK(done.heard.identities.at(0).protocol == "jk-uart");
  CHECK(done.heard.rejected.empty());
  CHECK(link.now() == SteadyTime{} + 5 * 2s);
}

TEST_CASE("jk-uart: a board is never asked more often than once a second") {
  AdapterOptions hasty;
  hasty.poll = 100ms;
  ScriptedLink link(good, 5);
  run(link, hasty);
  CHECK(link.now() == SteadyTime{} + 5 * 1s);
}

TEST_CASE("jk-uart: a silent board is asked twice, then given up") {
  ScriptedLink link(silent, 500);
  const Run done = run(link);
  CHECK(done.end == End::gave_up);
  CHECK(link.sent.size() == 2);
  CHECK(done.heard.good == 0);
}

TEST_CASE("jk-uart: a damaged answer is asked for once more") {
  int asked = 0;
  ScriptedLink link([&](const Buffer&) { return Chunks{++asked % 2 == 1 ? damaged(captured_14s()) : captured_14s()}; },
                    10);
  const Run done = run(link);
  CHECK(done.end == End::link_over);
  CHECK(done.heard.readings.size() == 5);
  CHECK(done.heard.rejected.at(FrameError::checksum) == 5);
}

TEST_CASE("jk-uart: answers that are none: echo, refusal without values, half a frame") {
  const Buffer frame = captured_14s();
  const std::vector<std::pair<Chunks, FrameError>> answers = {
      {{read_all}, FrameError::unexpected},
      {{damaged(frame)}, FrameError::checksum},
      {{Buffer(frame.begin(), frame.begin() + 100)}, FrameError::length}};
  for (const auto& [chunks, why] : answers) {
    ScriptedLink link([&answer = chunks](const Buffer&) { return answer; }, 500);
    const Run done = run(link);
    CHECK(done.end == End::gave_up);
    CHECK(link.sent.size() == 2);
    CHECK(done.heard.readings.empty());
    CHECK(done.heard.rejected.contains(why));
  }
  ScriptedLink link([](const Buffer&) { return Chunks{jk_frame(from_hex("B8 00"))}; }, 500);
  const Run done = run(link);
  CHECK(done.end == End::gave_up);  // heard, but no reading: the session says that answers are incomplete
  CHECK(done.heard.good == 2);
  CHECK(done.heard.readings.empty());
}

TEST_CASE("jk-uart: an echo before the answer and an answer in pieces are taken") {
  const Buffer frame = captured_14s();
  Chunks pieces = {read_all, Buffer(frame.begin(), frame.begin() + 128), Buffer(frame.begin() + 128, frame.end())};
  ScriptedLink link([&pieces](const Buffer&) { return pieces; }, 3);
  const Run done = run(link);
  CHECK(done.heard.readings.size() == 3);
  CHECK(done.heard.rejected == std::map<FrameError, int>{{FrameError::unexpected, 3}});
}
