// The conversation with a JK over Bluetooth.
#include <doctest/doctest.h>

#include <set>

#include "protocols/jk/ble_adapter.h"
#include "tests/protocols/conversation.h"
#include "tests/protocols/jk_ble_board.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

/// All that may leave for a JK over Bluetooth (jk.md 3.7), written out: a write added anywhere must turn this red.
const Buffer ask_device = from_hex("AA5590EB 97 00 00000000000000000000000000 11"),
             start_stream = from_hex("AA5590EB 96 00 00000000000000000000000000 10");
const std::set<Buffer> allowed = {ask_device, start_stream};

/// Keeps when readings came, too.
struct Watch : Heard {
  explicit Watch(const Link& watched) : link(watched) {}
  void emit(Event event) override {
    if (std::holds_alternative<Reading>(event.what)) reading_at.push_back(link.now());
    Heard::emit(std::move(event));
  }
  const Link& link;
  std::vector<SteadyTime> reading_at;
};

struct Run {
  Watch heard;
  End end = End::link_over;
};

Run run(Link& link, const std::unique_ptr<Adapter>& adapter = find_protocol("jk-ble")->adapter({})) {
  Run done{Watch(link)};
  done.end = run_to_its_end(*adapter, link, done.heard).how;
  return done;
}

Duration longest_gap(const std::vector<SteadyTime>& moments) {
  Duration longest{};
  for (std::size_t i = 1; i < moments.size(); ++i) longest = std::max(longest, moments[i] - moments[i - 1]);
  return longest;
}
Duration shortest_gap(const std::vector<SteadyTime>& moments) {
  Duration shortest = 1h;
  for (std::size_t i = 1; i < moments.size(); ++i) shortest = std::min(shortest, moments[i] - moments[i - 1]);
  return shortest;
}

}  // namespace

TEST_CASE("jk-ble: only the two allowed requests leave, whatever the board says") {
  const Buffer device = jk_ble_frame("pb_14.20_devinfo"), cells = jk_ble_frame("pb_14.20_cell");
  Buffer damaged = cells;
  damaged[100] ^= 1;
  using Answers = ScriptedLink::Answers;
  const std::vector<Answers> boards = {[](const Buffer&) { return Chunks{}; },
                                       [&](const Buffer&) { return Chunks{device}; },
                                       [&](const Buffer&) { return Chunks{cells}; },
                                       [&](const Buffer&) { return Chunks{damaged}; },
                                       [](const Buffer& request) { return Chunks{request}; },
                                       [](const Buffer&) {
                                         return Chunks{acknowledge, at_noise};
                                       },
                                       [](const Buffer&) { return Chunks{jk_ble_frame("logbook_v19")}; },
                                       [](const Buffer&) { return jk_ble_chunks("stream_pb_AT_junk"); },
                                       [&](const Buffer&) {
                                         return Chunks{device, cells, damaged};
                                       }};
  std::set<Buffer> left;
  for (const auto& board : boards) {
    for (int again = 0; again < 3; ++again) {  // what a session does after a fault
      ScriptedLink link(board, 50);
      run(link);
      CHECK(!link.sent.empty());
      for (const Buffer& request : link.sent) CHECK(allowed.contains(request));
      left.insert(link.sent.begin(), link.sent.end());
    }
  }
  for (PbBoard board : {PbBoard{}, PbBoard{.streams_for = 3s}}) {
    NotifyingLink link(board, 40s);
    run(link);
    for (const Buffer& request : link.sent) CHECK(allowed.contains(request));
  }
  CHECK(left == allowed);  // both were seen to leave
}

TEST_CASE("jk-ble: who are you, then the stream, then it is only listened to") {
  NotifyingLink link(PbBoard{}, 30s);
  const Run done = run(link);
  CHECK(link.sent == std::vector{ask_device, start_stream});
  CHECK(done.end == End::link_over);
  CHECK(done.heard.rejected.empty());
  CHECK(done.heard.identities.at(0).brand == "JK");
  CHECK(done.heard.identities.at(0).protocol == "jk-ble");
  CHECK(done.heard.identities.at(0).model == "JK_PB2A16S15P");
  CHECK(done.heard.limit_sets.at(0).cell_count == 16);
  CHECK(done.heard.readings.size() > 30);
  CHECK(done.heard.good > 60);
  CHECK(longest_gap(done.heard.reading_at) < 1s);
}

TEST_CASE("jk-ble: readings come as they are pushed, but never less than half a second apart") {
  for (const auto every : {100ms, 300ms, 450ms, 500ms, 900ms}) {
    CAPTURE(every.count());
    NotifyingLink link(PbBoard{.push_every = every}, 30s);
    const Run done = run(link);
    CHECK(shortest_gap(done.heard.reading_at) >= 500ms);
    CHECK(longest_gap(done.heard.reading_at) <= std::max<Duration>(2 * every, 600ms));
    CHECK(done.heard.good >= 28s / every);  // all the same heard
  }
}

TEST_CASE("jk-ble: a board that nobody hears is asked twice who it is, then given up") {
  NotifyingLink link([](const Buffer&, NotifyingLink&) {}, 10min);
  const Run done = run(link);
  CHECK(done.end == End::gave_up);
  CHECK(link.sent == std::vector{ask_device, ask_device});
  CHECK(link.now() - SteadyTime{} <= 10s);
}

TEST_CASE("jk-ble: noise alone is silence") {
  NotifyingLink link(
      [](const Buffer&, NotifyingLink& to) {
        to.be_silent();
        for (Duration at = 100ms; at < 20min; at += 200ms) to.say(at, at_noise);
      },
      10min);
  const Run done = run(link);
  CHECK(done.end == End::gave_up);
  CHECK(done.heard.rejected.empty());
}

TEST_CASE("jk-ble: a stream that does not begin is asked for again, from the start") {
  int streams_asked = 0;
  PbBoard board;
  NotifyingLink link(
      [&](const Buffer& request, NotifyingLink& to) {
        if (request == start_stream && ++streams_asked == 1) return to.be_silent();
        board(request, to);
      },
      60s);
  const Run done = run(link);
  CHECK(link.sent == std::vector{ask_device, start_stream, ask_device, start_stream});
  CHECK(done.heard.readings.size() > 50);

  NotifyingLink never(
      [&](const Buffer& request, NotifyingLink& to) {
        if (request == ask_device) return board(request, to);
        to.be_silent();
      },
      10min);
  CHECK(run(never).end == End::gave_up);
  CHECK(never.sent == std::vector{ask_device, start_stream, ask_device, start_stream});
}

TEST_CASE("jk-ble: a stream that runs dry is asked for again, with noise or without") {
  for (const bool noisy : {true, false}) {
    CAPTURE(noisy);
    PbBoard board{.streams_for = 20s};
    NotifyingLink link(
        [&](const Buffer& request, NotifyingLink& to) {
          board(request, to);
          if (noisy) {
            for (Duration at = 20s; at < 60s; at += 200ms) to.say(at, at_noise);
          }
        },
        60s);
    const Run done = run(link);
    REQUIRE(link.sent.size() >= 4);
    CHECK(link.sent[2] == ask_device);
    CHECK(link.sent[3] == start_stream);
    CHECK(longest_gap(done.heard.reading_at) < 8s);
    CHECK(done.heard.reading_at.back() > SteadyTime{} + 50s);
  }
}

TEST_CASE("jk-ble: a dry stream that stays dry ends the link") {
  int asked = 0;
  PbBoard board{.streams_for = 20s};
  NotifyingLink link(
      [&](const Buffer& request, NotifyingLink& to) {
        if (++asked <= 2) return board(request, to);
        to.be_silent();
      },
      10min);
  const Run done = run(link);
  CHECK(done.end == End::gave_up);
  CHECK(link.now() - done.heard.reading_at.back() < 15s);
}

TEST_CASE("jk-ble: damaged frames keep no stream alive") {
  PbBoard board;
  NotifyingLink link(
      [&](const Buffer& request, NotifyingLink& to) {
        board.cells[100] ^= 1;  // sealed again: another resistance, no harm
        board(request, to);
        for (Duration at = 3s; at < 60s; at += 100ms) {
          Buffer damaged = board.cells;
          damaged[100] ^= 4;
          to.say(at, damaged);
        }
        board.streams_for = 2s;
      },
      60s);
  const Run done = run(link);
  CHECK(done.heard.rejected.at(FrameError::checksum) > 10);
  CHECK(done.heard.readings.size() > 10);
  CHECK(link.sent.size() >= 8);
}

TEST_CASE("jk-ble: lost settings are asked for once more, and then done without") {
  PbBoard board;
  Buffer damaged = board.settings;
  damaged[50] ^= 1;
  board.settings = damaged;
  NotifyingLink link(board, 60s);
  const Run done = run(link);
  CHECK(done.end == End::link_over);
  CHECK(link.sent == std::vector{ask_device, start_stream, ask_device, start_stream});
  CHECK(done.heard.limit_sets.empty());
  CHECK(done.heard.readings.size() > 60);
}

TEST_CASE("jk-ble: a new connection may bring another board") {
  const auto adapter = find_protocol("jk-ble")->adapter({});
  NotifyingLink first(PbBoard{}, 10s), second(PbBoard{.device = jk_ble_frame("aiobmsble_10.08_devinfo"),
                                                      .settings = jk_ble_frame("b2a24s_10.07_settings"),
                                                      .cells = jk_ble_frame("aiobmsble_10.08_cell")},
                                              10s);
  CHECK(run(first, adapter).heard.readings.at(0).cells_v.at(8) == 2.994);
  const Run done = run(second, adapter);
  CHECK(done.heard.readings.at(0).cells_v.at(0) == 3.31);
  CHECK(done.heard.rejected.empty());
}

TEST_CASE("jk-ble: the rest of a frame that comes too late is another's") {
  const Chunks pieces = cut(jk_ble_frame("pb_14.20_cell"), 128);
  for (const auto gap : {100ms, 250ms, 350ms, 900ms}) {
    CAPTURE(gap.count());
    PbBoard board{.streams_for = 700ms};
    NotifyingLink link(
        [&](const Buffer& request, NotifyingLink& to) {
          board(request, to);
          if (request == ask_device) return;
          to.say(2s, pieces[0]);
          to.say(2s + gap / 2, at_noise);
          to.say(2s + gap, pieces[1]);
          to.say(2s + gap, pieces[2]);
        },
        4s);
    const Run done = run(link);
    CHECK(done.heard.readings.size() == (gap < 300ms ? 2 : 1));
    CHECK(done.heard.rejected.contains(FrameError::length) == (gap > 300ms));
  }
}

TEST_CASE("jk-ble: whatever notifications are lost of a captured stream, no reading is made of two") {
  for (const std::string name : {"stream_pb_AT_junk", "stream_bd6a17s_128_128_44"}) {
    CAPTURE(name);
    const Chunks chunks = jk_ble_chunks(name);
    const std::vector<Reading> sent = hear(chunks).readings;
    for (std::size_t lost = 0; lost <= 12; ++lost) {
      for (std::size_t at = 0; at + lost <= chunks.size(); ++at) {
        CAPTURE(at);
        CAPTURE(lost);
        NotifyingLink link(
            [&](const Buffer& request, NotifyingLink& to) {
              if (request == ask_device) return PbBoard{}(request, to);
              to.be_silent();
              Duration when = 0s;
              for (std::size_t i = 0; i < chunks.size(); ++i) {
                when += jk::begins_ble_frame(chunks[i]) ? 430ms : 10ms;
                if (i < at || i >= at + lost) to.say(when, chunks[i]);
              }
            },
            6s);
        const Run done = run(link);
        for (const Reading& reading : done.heard.readings) CHECK(std::ranges::find(sent, reading) != sent.end());
        CHECK(done.heard.good + static_cast<int>(lost) >= 6);
      }
    }
  }
}
