#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "protocols/daly/a5_decoder.h"
#include "tests/protocols/daly_a5_board.h"
#include "tests/protocols/expected.h"

using namespace cellwarden;
using namespace daly_test;
using nlohmann::json;
using test::check_list, test::check_number;

namespace {

json frames() { return json::parse(std::ifstream(TEST_DATA "/protocols/frames/daly_a5.json")); }
Buffer bytes_of(const std::string& name) {
  for (const auto& entry : frames()) {
    if (entry["name"] == name) return from_hex(entry["bytes"].get<std::string>());
  }
  FAIL("no frame " << name);
  return {};
}

void feed(daly::A5Decoder& decoder, const Buffer& stream, std::size_t chunk, Sink& sink) {
  for (std::size_t at = 0; at < stream.size(); at += chunk) {
    decoder.feed(Direction::from_bms, Bytes(stream).subspan(at, std::min(chunk, stream.size() - at)), sink);
  }
}

/// A request and what came of it; `counts`: a 0x94 heard before, as every poll has.
Heard hear(const Buffer& request, const Buffer& stream, std::size_t chunk = 4096,
           std::optional<std::pair<std::size_t, std::size_t>> counts = {}) {
  Heard heard;
  daly::A5Decoder decoder;
  if (counts) {
    Heard before;
    decoder.feed(Direction::to_bms, ask(0x94, request[1]), before);
    const auto [cells, temps] = *counts;
    decoder.feed(Direction::from_bms, reply(0x94, {static_cast<std::uint8_t>(cells), static_cast<std::uint8_t>(temps)}),
                 before);
    CHECK(before.good == 1);
  }
  decoder.feed(Direction::to_bms, request, heard);
  feed(decoder, stream, chunk, heard);
  decoder.finish(heard);
  return heard;
}

/// The names of the collection against ours (design.md 3).
void check_meaning(const json& expect, const Heard& heard) {
  const Reading reading = heard.readings.empty() ? Reading{} : heard.readings.back();
  check_number(expect, "V", reading.pack_v);
  check_number(expect, "A", reading.current_a);
  check_number(expect, "SoC", reading.soc_pct);
  check_number(expect, "Ah_remaining", reading.remaining_ah);
  if (expect.contains("cycles")) CHECK(reading.cycles == expect["cycles"].get<int>());
  if (expect.contains("charge_mos")) CHECK(reading.charge_on == expect["charge_mos"].get<bool>());
  if (expect.contains("discharge_mos")) CHECK(reading.discharge_on == expect["discharge_mos"].get<bool>());
  if (expect.contains("balancing_cells")) {
    CHECK(reading.balancing_cells == expect["balancing_cells"].get<std::vector<int>>());
  }
  if (expect.contains("flags")) {
    CHECK(reading.alarms.value().size() + reading.warnings.value().size() == expect["flags"].size());
  }
  if (expect.contains("raw")) CHECK(reading.alarm_raw == expect["raw"].get<std::string>());
  if (expect.contains("string")) CHECK(heard.identity.hardware == expect["string"].get<std::string>());
  if (expect.contains("cells_V")) check_list(expect["cells_V"], reading.cells_v);
  if (expect.contains("cells_V_after_resync")) check_list(expect["cells_V_after_resync"], reading.cells_v);
  if (expect.contains("temps_C")) check_list(expect["temps_C"], reading.temps_c);
}

std::optional<std::pair<std::size_t, std::size_t>> counts_for(const json& expect) {
  for (const char* key : {"cells_V", "cells_V_after_resync"}) {
    if (expect.contains(key)) return std::pair{expect[key].size(), std::size_t{1}};
  }
  if (expect.contains("temps_C")) return std::pair{std::size_t{14}, expect["temps_C"].size()};
  return {};
}

}  // namespace

TEST_CASE("daly a5: every frame of the collection, however it is cut") {
  int seen = 0, refused = 0;
  for (const auto& entry : frames()) {
    INFO(entry["name"].get<std::string>());
    const Buffer request = from_hex(entry["request"].get<std::string>());
    const Buffer bytes = from_hex(entry["bytes"].get<std::string>());
    const json expect = entry["expect"];
    ++seen;
    for (std::size_t chunk = 1; chunk <= 65; ++chunk) {
      const Heard heard = hear(request, bytes, chunk == 65 ? bytes.size() : chunk, counts_for(expect));
      if (expect.contains("reject")) {
        ++refused;
        CHECK(heard.good == 0);
        CHECK(heard.readings.empty());
        CHECK(heard.rejected.at(FrameError::checksum) == 1);
        continue;
      }
      CHECK(heard.good == static_cast<int>(bytes.size() / 13));
      CHECK(heard.rejected.count(FrameError::checksum) == 0);
      check_meaning(expect, heard);
    }
  }
  CHECK(seen == 31);
  CHECK(refused == 65);
}

TEST_CASE("daly a5: junk around a frame and the echo of our request change nothing") {
  const Buffer good = bytes_of("daly-a5-14s-90"), request = ask(0x90);
  for (const Buffer& stream :
       {from_hex("7BFF00") + good, good + from_hex("00A5"), from_hex("A5A501") + good, from_hex("A50190") + good,
        request + good, from_hex("A501900802") + good + from_hex("A5A5A5")}) {
    for (std::size_t chunk = 1; chunk <= stream.size(); ++chunk) {
      const Heard heard = hear(request, stream, chunk);
      CHECK(heard.good == 1);
      CHECK(!heard.rejected.empty());
      REQUIRE(heard.readings.size() == 1);
      CHECK(heard.readings[0].pack_v.value() == doctest::Approx(52.8));
    }
  }
  CHECK(hear(request, request + good).rejected == std::map<FrameError, int>{{FrameError::unexpected, 1}});
}

TEST_CASE("daly a5: a Bluetooth module's greeting is neither damage nor an answer") {
  daly::A5Decoder decoder;
  Heard heard;
  decoder.feed(Direction::to_bms, ask(0x90), heard);
  decoder.feed(Direction::from_bms, from_hex("63686172315f6e74665f64617461"), heard);
  CHECK(heard.rejected.empty());
  CHECK(decoder.answer() == daly::A5Decoder::Answer::none_yet);
}

TEST_CASE("daly a5: what is damaged is refused with its reason") {
  const Buffer good = bytes_of("daly-a5-14s-90"), request = ask(0x90);
  const auto refused = [&](const Buffer& stream) {
    const Heard heard = hear(request, stream);
    CHECK(heard.good == 0);
    CHECK(heard.readings.empty());
    return heard.first_reason.value();
  };
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {  // no single flipped bit slips through
    Buffer flipped = good;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    INFO("bit " << bit);
    const FrameError why = refused(flipped);
    CHECK(why == (bit / 8 == 0 ? FrameError::sync : bit / 8 == 3 ? FrameError::length : FrameError::checksum));
  }
  CHECK(refused({good.begin(), good.begin() + 12}) == FrameError::length);
  CHECK(refused(reply(0x91, {0x0D, 0, 1, 0x0C, 0, 2})) == FrameError::unexpected);              // not what was asked
  CHECK(refused(frame(0x02, 0x90, {1, 8, 0, 0, 0x75, 0x30, 3, 0})) == FrameError::unexpected);  // another board
  CHECK(refused(frame(0x11, 0x90, {1, 8, 0, 0, 0x75, 0x30, 3, 0})) == FrameError::unexpected);  // no board
  CHECK(refused(reply(0x90, {1, 8, 0, 0, 0x75, 0x30, 0x13, 0})) == FrameError::range);          // 486 %
  CHECK(refused(reply(0x90, {0, 0, 0, 0, 0x75, 0x30, 0x03, 0})) == FrameError::range);          // asleep: 0 V
  CHECK(refused(reply(0x90, {1, 8, 0, 0, 0, 0, 0x03, 0})) == FrameError::range);                // asleep: -3000 A
}

TEST_CASE("daly a5: a captured 14S poll is one reading") {
  daly::A5Decoder decoder;
  Heard heard;
  for (const char* command : {"94", "90", "91", "95", "93", "96", "97", "98"}) {
    CHECK(heard.readings.empty());
    decoder.feed(Direction::to_bms, ask(static_cast<std::uint8_t>(std::stoi(command, nullptr, 16))), heard);
    decoder.feed(Direction::from_bms, bytes_of(std::string("daly-a5-14s-") + command), heard);
  }
  REQUIRE(heard.readings.size() == 1);  // with the last frame, not with the next poll
  CHECK(heard.rejected.empty());
  CHECK(heard.addresses == std::set<int>{1});
  const Reading& reading = heard.readings[0];
  CHECK(reading.cells_v.size() == 14);
  CHECK(reading.cells_v[13].value() == doctest::Approx(3.776));
  CHECK(reading.temps_c == std::vector<std::optional<double>>{21.0});
  CHECK(reading.pack_v.value() == doctest::Approx(52.8));
  CHECK(reading.current_a == 0);
  CHECK(reading.remaining_ah.value() == doctest::Approx(20));
  CHECK(heard.limits.cell_count == 14);
  CHECK(heard.identity.brand == "Daly");
  CHECK(heard.identity.protocol == "daly-a5");
}

TEST_CASE("daly a5: how many cells there are is never guessed") {
  const auto cells = [](const char* name) {
    const Heard heard = hear(ask(0x95), bytes_of(name));
    return heard.readings.empty() ? 0 : heard.readings[0].cells_v.size();
  };
  CHECK(cells("daly-a5-16s-95-all16frames") == 16);
  CHECK(cells("daly-a5-8s83-95") == 8);
  // A leftover repeats the place above it, and so may a cell: without 0x94 they cannot be told apart.
  CHECK(cells("daly-a5-14s-95") == 0);              // the 15th repeats the 12th and is none
  CHECK(cells("daly-a5-stream-stale-frame") == 0);  // 18S: the 18th repeats the 15th
}

TEST_CASE("daly a5: frames of a list by their number") {
  Board board;
  const Buffer whole = board.answer(0x95);
  const auto part = [&](int n) { return Buffer(whole.begin() + 13 * (n - 1), whole.begin() + 13 * n); };
  const auto cells = [&](const Buffer& stream) {
    const Heard heard = hear(ask(0x95), stream, 4096, std::pair{std::size_t{8}, std::size_t{2}});
    return heard.readings.at(0).cells_v;
  };
  const auto truth = board.truth().cells_v;
  CHECK(cells(whole) == truth);
  CHECK(cells(part(2) + part(1) + part(3)) == truth);
  CHECK(cells(part(1) + part(3) + part(2)) == truth);
  CHECK(cells(part(1) + part(1) + part(2) + part(2) + part(3) + part(3)) == truth);
  CHECK(cells(part(1) + part(2)).empty());
  CHECK(cells(part(1) + part(3)).empty());
  CHECK(cells(part(2) + part(3)).empty());
  const Buffer zero_based = reply(0x95, {0, 0x0C, 1, 0x0C, 2, 0x0C, 3}) + reply(0x95, {1, 0x0C, 4, 0x0C, 5, 0x0C, 6}) +
                            reply(0x95, {2, 0x0C, 7, 0x0C, 8});
  CHECK(cells(zero_based)[7] == (0x0C00 + 8) * 0.001);
  CHECK(cells(reply(0x95, {0xFF, 0x0C, 1, 0x0C, 2, 0x0C, 3}) + whole) == truth);  // FF: no frame of it
}

TEST_CASE("daly a5: the tail of the last answer never gets into this one") {
  Board before{.n = 1}, now{.n = 2};
  const Buffer old = before.answer(0x95), fresh = now.answer(0x95);
  const auto cells = [&](const Buffer& stream) {
    return hear(ask(0x95), stream, 4096, std::pair{std::size_t{8}, std::size_t{2}}).readings.at(0).cells_v;
  };
  const Buffer tail(old.begin() + 26, old.end()), two_of_old(old.begin() + 13, old.end());
  CHECK(cells(tail + fresh) == now.truth().cells_v);
  CHECK(cells(two_of_old + fresh) == now.truth().cells_v);
  CHECK(cells(tail + Buffer(fresh.begin(), fresh.begin() + 26)).empty());
  CHECK(cells(two_of_old + Buffer(fresh.begin(), fresh.begin() + 26)).empty());
  const Buffer first(fresh.begin(), fresh.begin() + 13), second(fresh.begin() + 13, fresh.begin() + 26),
      third(fresh.begin() + 26, fresh.end());
  CHECK(cells(tail + first + third + second).empty());
}

TEST_CASE("daly a5: a list with a frame missing says so at once, and its poll is no reading") {
  Board board;
  daly::A5Decoder decoder;
  Heard heard;
  const auto answer = [&](std::uint8_t command, const Buffer& bytes) {
    decoder.feed(Direction::to_bms, ask(command), heard);
    decoder.feed(Direction::from_bms, bytes, heard);
    return decoder.answer();
  };
  using Answer = daly::A5Decoder::Answer;
  CHECK(answer(0x94, board.answer(0x94)) == Answer::over);
  const Buffer cells = board.answer(0x95);
  CHECK(answer(0x95, Buffer(cells.begin(), cells.begin() + 13) + Buffer(cells.begin() + 26, cells.end())) ==
        Answer::torn);
  CHECK_FALSE(decoder.settle(heard));
  for (const int command : {0x90, 0x91, 0x93, 0x96, 0x97, 0x98}) {
    answer(static_cast<std::uint8_t>(command), board.answer(static_cast<std::uint8_t>(command)));
  }
  CHECK(heard.readings.empty());

  Board later{.n = 1};
  for (const auto command : live_commands) answer(command, later.answer(command));
  REQUIRE(heard.readings.size() == 1);
  CHECK(heard.readings[0] == later.truth());
}

TEST_CASE("daly a5: two polls are never mixed, a doubled answer counts as unexpected") {
  Board first, second{.n = 1};
  daly::A5Decoder decoder;
  Heard heard;
  for (const auto command : live_commands) {
    if (command == 0x98) break;  // its answer is lost, and the program begins anew
    decoder.feed(Direction::to_bms, ask(command), heard);
    decoder.feed(Direction::from_bms, first.answer(command), heard);
  }
  decoder.feed(Direction::to_bms, ask(0x98), heard);
  for (const auto command : live_commands) {
    decoder.feed(Direction::to_bms, ask(command), heard);
    decoder.feed(Direction::from_bms, second.answer(command) + (command == 0x90 ? second.answer(command) : Buffer{}),
                 heard);
  }
  CHECK(heard.readings == std::vector{second.truth()});
  CHECK(heard.rejected == std::map<FrameError, int>{{FrameError::unexpected, 1}});
}

TEST_CASE("daly a5: of a board asleep nothing is a reading, not even in part") {
  for (const bool requests : {true, false}) {
    daly::A5Decoder decoder;
    Heard heard;
    for (const auto command : live_commands) {
      if (requests) decoder.feed(Direction::to_bms, ask(command), heard);
      decoder.feed(Direction::from_bms, reply(command, {}), heard);
    }
    decoder.finish(heard);
    CHECK(heard.readings.empty());
    CHECK(heard.rejected.at(FrameError::range) >= 2);
  }
}

TEST_CASE("daly a5: another program's shorter poll, and replies whose requests nobody heard") {
  Board first, second{.n = 1};
  Reading expected = first.truth();
  expected.balancing.reset(), expected.balancing_cells.reset();
  for (const bool requests : {true, false}) {
    daly::A5Decoder decoder;
    Heard heard;
    for (const Board& board : {first, second}) {
      for (const int command : {0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x98, 0xD8}) {
        if (requests) decoder.feed(Direction::to_bms, ask(static_cast<std::uint8_t>(command)), heard);
        const Buffer bytes = board.answer(static_cast<std::uint8_t>(command));
        decoder.feed(Direction::from_bms, bytes.empty() ? reply(static_cast<std::uint8_t>(command), {}) : bytes, heard);
      }
    }
    REQUIRE(heard.readings.size() == 1);  // whole when the next one begins
    CHECK(heard.readings[0] == expected);
    CHECK(heard.rejected.empty());
    decoder.finish(heard);
    CHECK(heard.readings.size() == 2);
  }
}

TEST_CASE("daly a5: two boards in one capture are two packs") {
  Board one, two{.n = 3, .number = 2};
  daly::A5Decoder decoder;
  Heard heard;
  for (const auto command : live_commands) {
    decoder.feed(Direction::to_bms, ask(command, 0x40), heard);
    decoder.feed(Direction::from_bms, one.answer(command), heard);
    decoder.feed(Direction::to_bms, ask(command, 0x41), heard);
    decoder.feed(Direction::from_bms, one.answer(command) + two.answer(command), heard);
  }
  CHECK(heard.readings == std::vector{one.truth(), two.truth()});
  CHECK(heard.addresses == std::set<int>{1, 2});
  CHECK(heard.rejected.at(FrameError::unexpected) ==
        10);  // the first board's ten frames nobody asked for the second time
}
