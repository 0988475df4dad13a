#include <doctest/doctest.h>

#include <set>
#include "protocols/battery_json.h"

#include "tests/protocols/daly_a5_board.h"
#include "tests/protocols/dd_frame.h"
#include "tests/replay/replayed.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

std::string line(const std::string& start, const Buffer& bytes) {
  std::string text = start;
  char two[8];
  for (const auto byte : bytes) {
    std::snprintf(two, sizeof two, " %02X", byte);
    text += two;
  }
  return text + "\n";
}

std::string poll(const std::string& seconds, std::uint16_t first_mv = 3310) {
  return line(seconds + " >", dd_request(0x03)) + line(seconds + " <", dd_reply(0x03, BasicInfoData{}.bytes())) +
         line(seconds + " >", dd_request(0x04)) +
         line(seconds + "5 <", dd_reply(0x04, words({first_mv, 3322, 3315, 3318})));
}

const CaptureOptions jbd = {.protocol = find_protocol("jbd")};
const std::string heading = "# cellwarden capture 1\n";

}  // namespace

TEST_CASE("capture: each whole poll is a reading at the moment of its last byte; the limits come along") {
  const std::string limits = line("0.1 <", dd_reply(0xFA, {0, 0x14, 2, 0x0E, 0x42, 0x0D, 0xDE}));
  const auto all = replayed(heading + limits + poll("1.0") + poll("3.2", 3300), jbd);
  REQUIRE(all.readings.size() == 2);
  CHECK(all.readings[0].cells_v[0] == 3.310);
  CHECK(all.readings[0].current_a == -12.34);
  CHECK(all.readings[0].steady_s == 1.05);
  CHECK(all.readings[0].taken_at == utc_from_text("1970-01-01T00:00:01.050Z"));
  CHECK(*all.readings[1].cells_v[0] == doctest::Approx(3.300));
  CHECK(all.readings[1].steady_s == 3.25);
  CHECK(all.limits.cell_ovp_v == 3.65);
  CHECK(all.skipped == 0);
}

TEST_CASE("capture: a line that is none, a cell no battery has and a reading without a time are skipped and counted") {
  CHECK(replayed(heading + "1.0 < XX\n" + poll("1.0"), jbd).skipped == 1);
  const auto impossible = replayed(heading + poll("1.0", 100) + poll("2.0"), jbd);
  CHECK(impossible.skipped == 1);
  REQUIRE(impossible.rows == 1);
  CHECK(impossible.readings[0].steady_s == 2.05);
  const auto timeless = replayed(heading + line("<", dd_reply(0x03, BasicInfoData{}.bytes())) +
                                     line("<", dd_reply(0x04, words({3310, 3322, 3315, 3318}))),
                                 jbd);
  CHECK(timeless.rows == 0);
  CHECK(timeless.skipped == 1);
}

TEST_CASE("capture: a shunt wired the other way round is turned by the config") {
  CaptureOptions inverted = jbd;
  inverted.invert_current = true;
  CHECK(replayed(heading + poll("1.0"), inverted).readings.at(0).current_a == 12.34);
}

TEST_CASE("capture: of several boards on a line the one that is asked for is read, else the first heard") {
  const daly_test::Board one, two{.n = 3, .number = 2};
  std::string text = heading;
  for (const daly_test::Board* board : {&one, &two, &one, &two}) {
    for (const auto command : daly_test::live_commands) {
      const auto host = static_cast<std::uint8_t>(0x3F + board->number);
      text += line("1.0 >", daly_test::ask(command, host)) + line("1.0 <", board->answer(command));
    }
  }
  CaptureOptions daly = {.protocol = find_protocol("daly-a5")};
  const auto first = replayed(text, daly);
  CHECK(first.rows > 0);
  for (const Reading& reading : first.readings) CHECK(*reading.current_a == doctest::Approx(*one.truth().current_a));
  daly.address = 2;
  const auto second = replayed(text, daly);
  CHECK(second.rows > 0);
  for (const Reading& reading : second.readings) CHECK(*reading.current_a == doctest::Approx(*two.truth().current_a));
}

TEST_CASE("capture: half a poll at the end is no reading") {
  const auto all = replayed(heading + poll("1.0") + line("2.0 <", dd_reply(0x03, BasicInfoData{}.bytes())), jbd);
  CHECK(all.rows == 1);
}

TEST_CASE("capture: without its protocol nobody knows what it says") {
  CHECK(refusal(heading + poll("1.0")).find("--protocol") != std::string::npos);
  CHECK(refusal(poll("1.0")).find("--protocol") != std::string::npos);
  CHECK(refusal(poll("1.0"), jbd) == "");
}
