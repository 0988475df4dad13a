// What Bluetooth does to frames: notifications lost, merged, doubled, out of a stream that was captured.
#include <doctest/doctest.h>

#include "tests/protocols/jk_ble_wire.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

bool was_sent(const Heard& all, const Reading& reading) {
  return std::ranges::find(all.readings, reading) != all.readings.end();
}
/// No value that was not sent; and what was whole is heard.
void check_nothing_new(const Heard& heard, const Heard& all) {
  for (const Reading& reading : heard.readings) CHECK(was_sent(all, reading));
  for (const Limits& limits : heard.limit_sets) CHECK(limits == all.limit_sets.at(0));
  for (const Identity& identity : heard.identities) CHECK(identity == all.identities.at(0));
}

Chunks doubled(const Chunks& chunks) {
  Chunks twice;
  for (const Buffer& chunk : chunks) twice.insert(twice.end(), 2, chunk);
  return twice;
}

const std::string streams[] = {"stream_pb_AT_junk", "stream_bd6a17s_128_128_44"};

}  // namespace

// Lost to the byte, a whole frame's length joins two halves that only the sum can tell apart, one time in 256 not even
// it: what the adapter sees in the time between them (jk_ble_adapter_test.cpp).
TEST_CASE("jk-ble: notifications lost in a row cost their frames and nothing else") {
  for (const std::string& name : streams) {
    CAPTURE(name);
    const Chunks chunks = jk_ble_chunks(name);
    const Heard all = hear(chunks);
    for (std::size_t lost = 1; lost <= 8; ++lost) {
      for (std::size_t at = 0; at + lost <= chunks.size(); ++at) {
        CAPTURE(at);
        CAPTURE(lost);
        Chunks rest = chunks;
        const auto from = rest.begin() + static_cast<std::ptrdiff_t>(at), to = from + static_cast<std::ptrdiff_t>(lost);
        std::size_t bytes = 0;
        std::for_each(from, to, [&](const Buffer& chunk) { bytes += chunk == at_noise ? 0 : chunk.size(); });
        if (bytes % 300 == 0 && bytes > 0) continue;
        rest.erase(from, to);
        const Heard heard = hear(rest);
        check_nothing_new(heard, all);
        CHECK(heard.good + static_cast<int>(lost) >= all.good);
      }
    }
  }
}

TEST_CASE("jk-ble: two notifications lost anywhere") {
  for (const std::string& name : streams) {
    CAPTURE(name);
    const Chunks chunks = jk_ble_chunks(name);
    const Heard all = hear(chunks);
    for (std::size_t first = 0; first < chunks.size(); ++first) {
      for (std::size_t second = first + 1; second < chunks.size(); ++second) {
        CAPTURE(first);
        CAPTURE(second);
        Chunks rest = chunks;
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(second));
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(first));
        check_nothing_new(hear(rest), all);
      }
    }
  }
}

TEST_CASE("jk-ble: a frame that begins while one is unfinished ends that one at once") {
  const Buffer frame = jk_ble_frame("pb_14.20_cell"), next = jk_ble_frame("pb_15.38_cell_charge_bulk");
  const Reading reading = hear(next).readings.at(0);
  for (std::size_t size = 5; size < 300; ++size) {
    CAPTURE(size);
    Heard heard;
    jk::BleDecoder decoder;
    decoder.feed(Direction::from_bms, Bytes(frame).first(size), heard);
    decoder.feed(Direction::from_bms, next, heard);
    CHECK(heard.readings == std::vector{reading});
    CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::length, 1}});
    CHECK(!decoder.has_half());
  }
}

TEST_CASE("jk-ble: a start inside a frame ends it, though the sum fits") {
  const Buffer frame = jk_ble_frame("pb_14.20_cell");
  for (const std::size_t at : {6, 90, 200, 292}) {
    CAPTURE(at);
    const Heard heard = hear(with(frame, at, from_hex("55AAEB9002")));
    CHECK(heard.good == 0);
    CHECK(heard.readings.empty());
    CHECK(heard.rejected.contains(FrameError::length));
  }
  // Three bytes are lost from its end, and the next one's start makes the sum fit.
  Buffer joined = Buffer(frame.begin(), frame.begin() + 297) + frame;
  unsigned sum = 0;
  for (std::size_t i = 0; i < 299; ++i) sum += i == 296 ? 0 : joined[i];
  joined[296] = static_cast<std::uint8_t>(joined[299] - sum);
  CHECK(hear(joined).readings == hear(frame).readings);
  CHECK(hear(joined).rejected == std::map<FrameError, int>{{FrameError::length, 1}});
}

TEST_CASE("jk-ble: a second subscription brings everything twice, and nothing is lost") {
  for (const std::string& name : streams) {
    CAPTURE(name);
    const Chunks chunks = jk_ble_chunks(name);
    const Heard all = hear(chunks);
    const Heard twice = hear(doubled(chunks));
    CHECK(twice.readings == all.readings);
    CHECK(twice.limit_sets == all.limit_sets);
    CHECK(twice.identities == all.identities);
    CHECK(twice.rejected.empty());
    // It may begin and end amid the stream.
    for (std::size_t from = 0; from < chunks.size(); ++from) {
      Chunks some(chunks.begin(), chunks.begin() + static_cast<std::ptrdiff_t>(from));
      const Chunks last = doubled(Chunks(chunks.begin() + static_cast<std::ptrdiff_t>(from), chunks.end()));
      some.insert(some.end(), last.begin(), last.end());
      const Heard heard = hear(some);
      check_nothing_new(heard, all);
      CHECK(heard.good + 1 >= all.good);
    }
    Chunks ends = doubled(Chunks(chunks.begin(), chunks.begin() + 9));
    ends.insert(ends.end(), chunks.begin() + 9, chunks.end());
    CHECK(hear(ends).good + 1 >= all.good);
  }
}

TEST_CASE("jk-ble: cut to 20 bytes, a frame's own repetitions are no second subscription") {
  for (const auto& entry : jk_ble_collection()) {
    if (entry["kind"] != "cell_info" || entry["expect"].contains("reject")) continue;
    CAPTURE(entry["name"].get<std::string>());
    Buffer frame = jk_ble_frame(entry["name"]);
    const Reading reading = hear(frame).readings.at(0);
    Chunks stream, once;
    for (int i = 0; i < 4; ++i) {
      frame = with(frame, 5, {static_cast<std::uint8_t>(i)});
      const Chunks pieces = cut(frame, 20);
      once.insert(once.end(), pieces.begin(), pieces.end());
    }
    CHECK(hear(once).readings == std::vector(4, reading));
    CHECK(hear(doubled(once)).readings == std::vector(4, reading));
    CHECK(hear(doubled(once)).rejected.empty());
  }
}

TEST_CASE("jk-ble: noise between the pieces of a frame") {
  const Buffer frame = jk_ble_frame("pb_14.20_cell");
  for (const std::size_t size : {20, 128, 150}) {
    Chunks noisy;
    for (const Buffer& piece : cut(frame, size)) noisy.insert(noisy.end(), {piece, at_noise});
    check_same(hear(noisy), hear(frame));
    check_same(hear(doubled(noisy)), hear(frame));
  }
}

TEST_CASE("jk-ble: junk of any length grows nothing") {
  Heard heard;
  jk::BleDecoder decoder;
  for (int i = 0; i < 2000; ++i) decoder.feed(Direction::from_bms, Buffer(128, 0x33), heard);
  CHECK(!decoder.has_half());
  CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::sync, 1}});
}
