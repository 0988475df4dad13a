#include <doctest/doctest.h>

#include <set>

#include "protocols/daly/a5_adapter.h"
#include "tests/protocols/conversation.h"
#include "tests/protocols/daly_a5_board.h"

using namespace cellwarden;
using namespace daly_test;
using test::End;

namespace {

/// All that may ever leave for a Daly over A5 (daly.md 4a), written out: a write added anywhere must turn this red.
const std::set<int> allowed_hosts = {0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
                                     0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F, 0x80};
const std::set<int> allowed_commands = {0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x50, 0x51, 0x52, 0x53,
                                        0x54, 0x57, 0x59, 0x5A, 0x5B, 0x5C, 0x5D, 0x5E, 0x5F, 0x60, 0x62, 0x63};
const std::set<Buffer> allowed_payloads = {from_hex("0000000000000000"), from_hex("AAAAAAAAAAAAAAAA")};

bool is_allowed(const Buffer& request) {
  if (request.size() != 13 || request[0] != 0xA5 || request[3] != 0x08) return false;
  return allowed_hosts.contains(request[1]) && allowed_commands.contains(request[2]) &&
         allowed_payloads.contains(Buffer(request.begin() + 4, request.begin() + 12)) &&
         request[12] == std::accumulate(request.begin(), request.end() - 1, 0) % 256;
}

Chunks nothing(const Buffer&) { return {}; }
Chunks good(const Buffer& request) {
  const Buffer bytes = Board{}.answer(request[2]);
  return bytes.empty() ? Chunks{} : Chunks{bytes};
}

using Run = test::Conversation;
Run run(ScriptedLink::Answers answers, std::size_t requests, AdapterOptions options = {.address = 1}) {
  daly::A5Adapter adapter(options);
  return test::converse(adapter, std::move(answers), requests);
}

std::vector<int> commands(const std::vector<Buffer>& sent, std::size_t from, std::size_t count) {
  std::vector<int> all;
  for (std::size_t i = from; i < std::min(from + count, sent.size()); ++i) all.push_back(sent[i][2]);
  return all;
}

constexpr std::size_t start = 1 + 9;  // 0x94, and nine settings

}  // namespace

TEST_CASE("daly a5: only allowed reads leave, whatever the board answers") {
  const std::vector<ScriptedLink::Answers> boards = {
      good,
      nothing,
      [](const Buffer&) { return Chunks{from_hex("FFA5A50190080102")}; },
      [](const Buffer& request) { return Chunks{frame(1, request[2], {})}; },
      [](const Buffer& request) { return Chunks{request}; },
      [](const Buffer& request) { return Chunks{frame(1, request[2], Buffer(8, 0xFF))}; },
      [](const Buffer& request) { return request[2] < 0x90 ? nothing(request) : good(request); },
      [](const Buffer& request) { return request[4] == 0xAA ? good(request) : nothing(request); }};
  std::set<int> asked;
  for (const auto& board : boards) {
    for (const int address : {0, 1, 2, 16}) {
      const Run done = run(board, 1500, {.address = address});
      CHECK(!done.sent.empty());
      for (const auto& request : done.sent) {
        CHECK(is_allowed(request));
        asked.insert(request[2]);
      }
    }
  }
  CHECK(asked.size() == 18);
}

TEST_CASE("daly a5: no board has number 17") {
  const Run done = run(good, 10, {.address = 17});
  CHECK(done.sent.empty());
  CHECK(done.why.find("1 to 16") != std::string::npos);
}

TEST_CASE("daly a5: identity and limits first, then a reading per poll of eight requests") {
  const Run done = run(good, start + 8 * 5);
  CHECK(done.sent[0] == from_hex("A5409408000000000000000081"));
  CHECK(commands(done.sent, 1, 9) == std::vector{0x62, 0x63, 0x53, 0x57, 0x50, 0x59, 0x5A, 0x5B, 0x5F});
  CHECK(commands(done.sent, start, 8) == std::vector{0x94, 0x90, 0x91, 0x95, 0x93, 0x96, 0x97, 0x98});
  CHECK(done.heard.readings == std::vector(5, Board{}.truth()));
  CHECK(done.heard.rejected.empty());
  CHECK(done.heard.limits.cell_ovp_v.value() == doctest::Approx(3.65));
  CHECK(done.heard.limits.cell_count == 8);
  CHECK(done.heard.identity.hardware == "DL-BMS-R32-01E");
  CHECK(done.heard.addresses == std::set<int>{1});
}

TEST_CASE("daly a5: limits are asked again every ten minutes, one after a poll") {
  const Run done = run(good, start + 8 * 310);
  int limits = 0, between = 0;
  for (std::size_t i = start; i < done.sent.size(); ++i) {
    const int command = done.sent[i][2];
    CHECK((command >= 0x90 || done.sent[i - 1][2] == 0x98));
    limits += command < 0x90;
    between += command == 0x63;
  }
  CHECK(done.seconds > 600);
  CHECK(limits == 5);
  CHECK(between == 0);
}

TEST_CASE("daly a5: a silent board is asked four times, with either filling, then given up") {
  const Run done = run(nothing, 500);
  CHECK(done.end == End::gave_up);
  REQUIRE(done.sent.size() == 4);
  CHECK(done.sent[0] == from_hex("A5409408000000000000000081"));
  CHECK(done.sent[1] == from_hex("A5409408AAAAAAAAAAAAAAAAD1"));
  CHECK(done.heard.good == 0);
  CHECK(done.seconds == doctest::Approx(4 * 0.5 + 4 * 0.2));
}

TEST_CASE("daly a5: a board that loses sync by zeros is asked with AA from then on") {
  const Run done = run([](const Buffer& r) { return r[4] == 0xAA ? good(r) : nothing(r); }, 50);
  CHECK(done.heard.readings.size() > 3);
  for (std::size_t i = 1; i < done.sent.size(); ++i) CHECK(done.sent[i][4] == 0xAA);
}

TEST_CASE("daly a5: a board that loses sync later is asked with AA then") {
  const auto sulks = [](const Buffer& r) { return r[2] == 0x93 && r[4] == 0x00 ? nothing(r) : good(r); };
  const Run done = run(sulks, start + 8 * 3 + 1);
  CHECK(done.heard.readings.size() == 3);
  CHECK(done.sent[start + 5] == from_hex("A5409308AAAAAAAAAAAAAAAAD0"));
  CHECK(done.sent.back()[4] == 0xAA);
}

TEST_CASE("daly a5: an only board is found at the Bluetooth address too, and stays there") {
  const Run done = run([](const Buffer& r) { return r[1] == 0x80 ? good(r) : nothing(r); }, 50, {.address = 0});
  CHECK(done.sent[0][1] == 0x40);
  for (std::size_t i = 1; i < done.sent.size(); ++i) CHECK(done.sent[i][1] == 0x80);
  CHECK(done.heard.readings.size() > 3);
  CHECK(done.heard.addresses == std::set<int>{1});
}

TEST_CASE("daly a5: asleep, a board that answers zeros is no measurement and said to be asleep") {
  int zeros = 0;
  const Run done = run(
      [&](const Buffer& r) {
        ++zeros;
        return Chunks{frame(1, r[2], {})};
      },
      500);
  CHECK(zeros == 2);
  CHECK(done.heard.readings.empty());
  CHECK(done.heard.good == 0);
  CHECK(done.why.find("asleep") != std::string::npos);
  CHECK(done.why.find("button") != std::string::npos);

  // It falls asleep while it is read: raw current 0.
  const Run later = run(
      [](const Buffer& r) {
        return r[2] == 0x90 ? Chunks{reply(0x90, {1, 8, 0, 0, 0, 0, 3, 10})} : good(r);
      },
      500);
  CHECK(later.heard.readings.empty());
  CHECK(later.why.find("asleep") != std::string::npos);
}

TEST_CASE("daly a5: zeros once are the wire, not sleep") {
  for (const int command : {0x94, 0x90}) {
    int asked = 0;
    const Run done =
        run([&](const Buffer& r) { return r[2] == command && ++asked == 3 ? Chunks{reply(r[2], {})} : good(r); },
            start + 8 * 5 + 1);
    CHECK(done.why == "the script is over");
    CHECK(done.heard.readings == std::vector(5, Board{}.truth()));
  }
}

TEST_CASE("daly a5: a lost frame of a list is asked again at once, a lost answer after 0.7 s") {
  int lists = 0;
  const Run done = run(
      [&](const Buffer& r) {
        Buffer bytes = Board{}.answer(r[2]);
        if (r[2] == 0x95 && ++lists == 1) bytes.erase(bytes.begin() + 13, bytes.begin() + 26);
        return Chunks{bytes};
      },
      start + 9);
  CHECK(commands(done.sent, start, 9) == std::vector{0x94, 0x90, 0x91, 0x95, 0x95, 0x93, 0x96, 0x97, 0x98});
  CHECK(done.heard.readings == std::vector{Board{}.truth()});
  CHECK(done.seconds < 2.1);  // the first poll's moment, nothing waited for

  int states = 0;
  const Run slower =
      run([&](const Buffer& r) { return r[2] == 0x93 && ++states == 1 ? nothing(r) : good(r); }, start + 9);
  CHECK(slower.heard.readings.size() == 1);
}

TEST_CASE("daly a5: an answer that came damaged is asked again at once, whatever lies before it") {
  for (const int command : {0x90, 0x95, 0x96, 0x98}) {
    INFO("command " << command);
    int asked = 0;
    const Run done = run(
        [&](const Buffer& r) {
          Buffer bytes = Board{}.answer(r[2]);
          if (r[2] == command && ++asked == 1) bytes[bytes.size() - 4] ^= 0x10;  // in its last frame
          return Chunks{r, from_hex("7B7B7B"), bytes};
        },
        start + 9, {.address = 1, .poll = std::chrono::milliseconds(100)});
    CHECK(done.heard.readings == std::vector{Board{}.truth()});
    CHECK(done.seconds < 0.2);
  }
}

TEST_CASE("daly a5: a list that never becomes whole is no reading") {
  const Run done = run(
      [](const Buffer& r) {
        Buffer bytes = Board{}.answer(r[2]);
        if (r[2] == 0x95) bytes.resize(26);
        return Chunks{bytes};
      },
      500);
  CHECK(done.end == End::gave_up);
  CHECK(done.heard.readings.empty());
}

TEST_CASE("daly a5: what an old board never answers is left out; what it did answer once is missed") {
  const Run old_board = run([](const Buffer& r) { return r[2] == 0x97 || r[2] < 0x90 ? nothing(r) : good(r); }, 150);
  REQUIRE(old_board.heard.readings.size() > 5);
  CHECK_FALSE(old_board.heard.readings.back().balancing);
  CHECK(old_board.heard.readings.back().alarms);
  CHECK(std::ranges::count_if(old_board.sent, [](const Buffer& r) { return r[2] == 0x97; }) == 4);
  CHECK(std::ranges::count_if(old_board.sent, [](const Buffer& r) { return r[2] == 0x59; }) == 2);

  int asked = 0;
  const Run missed = run([&](const Buffer& r) { return r[2] == 0x97 && ++asked > 2 ? nothing(r) : good(r); }, 150);
  CHECK(missed.end == End::gave_up);
  CHECK(missed.heard.readings.size() == 2);
}

TEST_CASE("daly a5: a reading that contradicts itself or jumps is asked again at once") {
  const auto with = [](std::uint8_t command, Buffer payload, int from, int to) {
    return [=, asked = 0](const Buffer& r) mutable {
      if (r[2] != command || ++asked < from || asked > to) return good(r);
      return Chunks{reply(command, payload)};
    };
  };
  const std::pair<std::uint8_t, Buffer> oddities[] = {
      {0x91, {0x0D, 0x80, 8, 0x0C, 0xE0, 1}},         // the highest cell is not in the list
      {0x90, {0x01, 0x48, 0, 0, 0x75, 0x62, 3, 10}},  // 32.8 V: cells do not add up
      {0x90, {0x01, 0x08, 0, 0, 0x74, 0x62, 3, 10}},  // charging, while the state says discharging
      {0x90, {0x01, 0x08, 0, 0, 0x75, 0x62, 1, 10}},  // the state of charge fell by half
      {0x96, {1, 61, 126}},                           // 64 degrees in two seconds
      {0x98, {0x01, 0, 0, 0, 0, 0, 0x04, 0}},         // a short circuit
      {0x93, {2, 0, 1, 0, 0, 0x03, 0x52, 0xF0}}};     // the charge MOSFET
  for (const auto& [command, payload] : oddities) {
    INFO("command " << int(command) << " " << int(payload[0]));
    const Run once = run(with(command, payload, 3, 3), start + 8 * 6);
    CHECK(once.heard.readings == std::vector(5, Board{}.truth()));
    CHECK(once.heard.rejected == std::map<FrameError, int>{{FrameError::range, 1}});
  }
  // What stays is the board's word: one poll later it is believed, and then without asking twice.
  const Run stays = run(with(0x98, {0x01, 0, 0, 0, 0, 0, 0x04, 0}, 3, 1000), start + 8 * 6);
  CHECK(stays.heard.readings.size() == 5);
  CHECK(stays.heard.readings.back().alarms == std::vector{Alarm::short_circuit});
  const Run contradicts = run(with(0x91, {0x0D, 0x80, 8, 0x0C, 0xE0, 1}, 1, 1000), start + 8 * 6);
  CHECK(contradicts.heard.readings == std::vector(5, Board{}.truth()));
}

TEST_CASE("daly a5: two boards on one line; a reply from the other is nobody's") {
  const Board one, two{.n = 4, .number = 2};
  const Run done = run(
      [&](const Buffer& r) {
        return r[1] == 0x41 ? Chunks{one.answer(r[2]), two.answer(r[2])} : Chunks{one.answer(r[2])};
      },
      start + 8 * 3, {.address = 2});
  CHECK(done.sent[0][1] == 0x41);
  CHECK(done.heard.readings == std::vector(3, two.truth()));
  CHECK(done.heard.addresses == std::set<int>{2});
  CHECK(done.heard.rejected.at(FrameError::unexpected) > 20);

  const Run alone = run([&](const Buffer& r) { return Chunks{one.answer(r[2])}; }, 100, {.address = 2});
  CHECK(alone.end == End::gave_up);
  CHECK(alone.heard.good == 0);
}

TEST_CASE("daly a5: a board that always sends sixteen frames is let finish") {
  const Run done = run(
      [&](const Buffer& r) {
        Chunks chunks;
        Buffer bytes = Board{}.answer(r[2]);
        for (std::uint8_t n = 4; r[2] == 0x95 && n <= 16; ++n) bytes = bytes + reply(0x95, {n});
        for (std::size_t at = 0; at < bytes.size(); at += 20) {
          chunks.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                              bytes.begin() + static_cast<std::ptrdiff_t>(std::min(at + 20, bytes.size())));
        }
        return chunks;
      },
      start + 8 * 4);
  CHECK(done.heard.readings == std::vector(4, Board{}.truth()));
  CHECK(done.heard.rejected.empty());
}

TEST_CASE("daly a5: a board that sends sixteen frames no more is waited for once") {
  int lists = 0;
  const Run done = run(
      [&](const Buffer& r) {
        Buffer bytes = Board{}.answer(r[2]);
        if (r[2] == 0x95 && ++lists == 1) {
          for (std::uint8_t n = 4; n <= 16; ++n) bytes = bytes + reply(0x95, {n});
        }
        return Chunks{bytes};
      },
      start + 8 * 9, {.address = 1, .poll = std::chrono::milliseconds(100)});
  CHECK(done.heard.readings.size() == 9);
  CHECK(done.seconds > 1);
  CHECK(done.seconds < 1.5);
}

namespace {

/// As modules send: always sixteen frames of cells and three of temperatures, in notifications of `frames` frames.
Chunks full_lists(const Buffer& request, std::size_t frames) {
  Buffer bytes = Board{}.answer(request[2]);
  const std::size_t all = request[2] == 0x95 ? 16 : request[2] == 0x96 ? 3 : 0;
  for (std::size_t n = bytes.size() / 13 + 1; n <= all; ++n) {
    bytes = bytes + frame(1, request[2], {static_cast<std::uint8_t>(n), 0x8E, 0x6F, 0x8E, 0x6F, 0x8E, 0x6F, 0xF0});
  }
  Chunks chunks;
  for (std::size_t at = 0; at < bytes.size(); at += 13 * frames) {
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    chunks.emplace_back(first, first + static_cast<std::ptrdiff_t>(std::min(13 * frames, bytes.size() - at)));
  }
  return chunks;
}

}  // namespace

TEST_CASE("daly a5: over Bluetooth the app's address is asked first, then ours, and lists always come full") {
  for (const std::uint8_t host : {std::uint8_t{0x80}, std::uint8_t{0x40}}) {
    for (const std::size_t frames : {1U, 2U, 5U, 16U}) {
      const auto board = [=](const Buffer& r) { return r[1] == host ? full_lists(r, frames) : Chunks{}; };
      const Run done = run(board, start + (host == 0x40) + 8 * 5, {.address = 1, .over_ble = true});
      CHECK(done.sent[0] == from_hex("A58094080000000000000000C1"));
      CHECK(done.sent.back()[1] == host);
      CHECK(done.heard.readings == std::vector(5, Board{}.truth()));
      CHECK(done.heard.addresses == std::set<int>{1});
      for (const auto& request : done.sent) CHECK(is_allowed(request));
    }
  }
}
