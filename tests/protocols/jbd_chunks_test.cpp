// A stream means the same however the wire cuts it.
#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "protocols/jbd/jbd_decoder.h"
#include "tests/protocols/dd_frame.h"
#include "tests/protocols/heard.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

struct Stream {
  std::string name;
  Buffer request, bytes;
};

/// Every DD frame of the collection, good, bad and with noise around it.
std::vector<Stream> streams() {
  std::vector<Stream> all;
  for (const auto& entry : nlohmann::json::parse(std::ifstream(TEST_DATA "/protocols/frames/jbd.json"))) {
    const Buffer request = from_hex(entry.value("request", ""));
    if (request.empty() || request[0] != 0xDD) continue;
    all.push_back({entry["name"], request, from_hex(entry.value("stream_bytes", entry.value("bytes", "")))});
  }
  return all;
}

}  // namespace

TEST_CASE("jbd: every frame in chunks of every size from 1 to 64 says what it says whole") {
  int frames = 0;
  for (const auto& [name, request, bytes] : streams()) {
    CAPTURE(name);
    const Heard whole = hear(jbd::JbdDecoder(), request, {bytes});
    for (std::size_t size = 1; size <= 64; ++size) {
      CAPTURE(size);
      check_same(hear(jbd::JbdDecoder(), request, cut(bytes, size)), whole);
    }
    frames += whole.good;
  }
  CHECK(frames >= 40);
}

TEST_CASE("jbd: every frame cut at random says what it says whole") {
  std::mt19937 random(20261125);
  std::uniform_int_distribution<std::size_t> size(1, 30);
  for (const auto& [name, request, bytes] : streams()) {
    CAPTURE(name);
    const Heard whole = hear(jbd::JbdDecoder(), request, {bytes});
    for (int round = 0; round < 20; ++round) {
      Heard heard;
      jbd::JbdDecoder decoder;
      decoder.feed(Direction::to_bms, request, heard);
      for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t n = std::min(size(random), bytes.size() - at);
        decoder.feed(Direction::from_bms, Bytes(bytes).subspan(at, n), heard);
        at += n;
      }
      decoder.finish(heard);
      check_same(heard, whole);
    }
  }
}

TEST_CASE("jbd: two frames in one chunk, cut anywhere, are two frames") {
  // Replies alone, as a capture may hold them: both halves of a poll back to back.
  Buffer both = dd_reply(0x03, BasicInfoData{}.bytes());
  const Buffer cells = dd_reply(0x04, words({3310, 3322, 3315, 3318}));
  both.insert(both.end(), cells.begin(), cells.end());
  for (std::size_t cut = 0; cut <= both.size(); ++cut) {
    CAPTURE(cut);
    Heard heard;
    jbd::JbdDecoder decoder;
    decoder.feed(Direction::from_bms, Bytes(both).first(cut), heard);
    decoder.feed(Direction::from_bms, Bytes(both).subspan(cut), heard);
    CHECK(heard.good == 2);
    CHECK(heard.rejected.empty());
    REQUIRE(heard.readings.size() == 1);
    CHECK(heard.readings[0].cells_v.size() == 4);
    CHECK(heard.readings[0].pack_v.value() == doctest::Approx(13.28));
  }
}

TEST_CASE("jbd: requests too may come in pieces or two at once") {
  Heard heard;
  jbd::JbdDecoder decoder;
  for (const auto byte : dd_request(0x04)) decoder.feed(Direction::to_bms, Bytes(&byte, 1), heard);
  decoder.feed(Direction::from_bms, dd_reply(0x04, words({3310, 3322})), heard);
  CHECK(heard.good == 1);
  Buffer two = dd_request(0x03);
  const Buffer second = dd_request(0x05);
  two.insert(two.end(), second.begin(), second.end());
  decoder.feed(Direction::to_bms, two, heard);
  decoder.feed(Direction::from_bms, dd_reply(0x05, {'X'}), heard);
  CHECK(heard.identity.model == "X");
}
