#include "daemon/packs/pack.h"

#include <doctest/doctest.h>

using namespace cellwarden;
using namespace std::chrono_literals;

namespace {

struct Told : PackObserver {
  std::vector<Reading> readings;
  std::vector<std::pair<bool, std::string>> statuses;
  std::vector<Limits> limits;
  void on_reading(const std::string&, const Reading& reading, const Counters&) override { readings.push_back(reading); }
  void on_info(const std::string&, const Identity&, const Limits& known) override { limits.push_back(known); }
  void on_status(const std::string&, bool online, const std::string& why) override {
    statuses.emplace_back(online, why);
  }
};

BothClocks at(std::chrono::seconds since) { return {SteadyTime(since), UtcTime(since)}; }

Reading four_cells(double first = 3.3) {
  Reading reading;
  reading.cells_v = {first, 3.31, 3.32, 3.33};
  reading.pack_v = first + 9.96;
  reading.current_a = -4;
  return reading;
}

PackConfig house() {
  PackConfig config;
  config.id = "house-1";
  return config;
}

}  // namespace

TEST_CASE("a pack is offline until its first good reading, and again when that is too old") {
  Told told;
  Pack pack(house(), 5s, told);
  pack.start(at(100s));
  CHECK(told.statuses == std::vector<std::pair<bool, std::string>>{{false, "not heard yet"}});

  pack.on_event({0, four_cells()}, at(101s));
  CHECK(pack.online());
  REQUIRE(told.readings.size() == 1);
  CHECK(told.readings[0].taken_at == UtcTime(101s));

  pack.on_event({0, GoodFrame{}}, at(105s));  // a frame alone is not a reading
  pack.on_tick(at(106s), "no answer");
  CHECK(pack.online());
  pack.on_tick(at(107s), "no answer");
  CHECK_FALSE(pack.online());
  CHECK(told.statuses.back() == std::pair<bool, std::string>{false, "no answer"});

  pack.on_event({0, four_cells()}, at(108s));
  CHECK(pack.online());
}

TEST_CASE("rejects are counted by reason and never shown") {
  Told told;
  Pack pack(house(), 5s, told);
  pack.on_event({0, Rejected{FrameError::checksum}}, at(1s));
  pack.on_event({0, Rejected{FrameError::checksum}}, at(1s));
  pack.on_event({0, Rejected{FrameError::length}}, at(1s));
  Reading impossible = four_cells();
  impossible.pack_v = 48;  // its cells say 13 V
  pack.on_event({0, impossible}, at(1s));
  CHECK(told.readings.empty());
  CHECK(pack.counters().rejected[static_cast<std::size_t>(FrameError::checksum)] == 2);
  CHECK(pack.counters().rejected[static_cast<std::size_t>(FrameError::length)] == 1);
  CHECK(pack.counters().rejected[static_cast<std::size_t>(FrameError::range)] == 1);
}

TEST_CASE("an impossible cell is noise twice and news the third time: then it is null") {
  Told told;
  Pack pack(house(), 5s, told);
  Reading torn_wire = four_cells(0.1);
  for (int i = 0; i < 2; ++i) pack.on_event({0, torn_wire}, at(1s));
  CHECK(told.readings.empty());
  pack.on_event({0, torn_wire}, at(2s));
  REQUIRE(told.readings.size() == 1);
  CHECK_FALSE(told.readings[0].cells_v[0].has_value());
  CHECK(told.readings[0].cells_v[1] == 3.31);
}

TEST_CASE(
    "an impossible cell that is possible again counts from the start; a second one beside it waits its own turn") {
  Told told;
  Pack pack(house(), 5s, told);
  const auto hear = [&](double first, double second) {
    Reading reading = four_cells(first);
    reading.cells_v[1] = second;
    const auto before = told.readings.size();
    pack.on_event({0, reading}, at(1s));
    return told.readings.size() > before;
  };
  CHECK_FALSE(hear(0.1, 3.31));
  CHECK_FALSE(hear(0.1, 3.31));
  CHECK(hear(3.3, 3.31));  // it was noise
  CHECK_FALSE(hear(0.1, 3.31));
  CHECK_FALSE(hear(0.1, 3.31));
  CHECK(hear(0.1, 3.31));
  CHECK_FALSE(hear(0.1, 5.5));
  CHECK(hear(0.1, 3.31));  // the first is torn all the same
  CHECK_FALSE(hear(0.1, 5.5));
  CHECK_FALSE(hear(0.1, 5.5));
  CHECK(hear(0.1, 5.5));
  CHECK_FALSE(told.readings.back().cells_v[0]);
  CHECK_FALSE(told.readings.back().cells_v[1]);
  CHECK(told.readings.back().cells_v[2] == 3.32);
  CHECK(hear(3.3, 3.31));
  CHECK(told.readings.back().cells_v[0] == 3.3);
  CHECK(pack.counters().rejected[static_cast<std::size_t>(FrameError::range)] == 7);
}

TEST_CASE("invert_current turns current and power") {
  Told told;
  PackConfig config = house();
  config.invert_current = true;
  Pack pack(config, 5s, told);
  Reading reading = four_cells();
  reading.power_w = -52;
  pack.on_event({0, reading}, at(1s));
  REQUIRE(told.readings.size() == 1);
  CHECK(told.readings[0].current_a == 4);
  CHECK(told.readings[0].power_w == 52);
}

TEST_CASE("limits are told when they become known or change, not at every repetition") {
  Told told;
  Pack pack(house(), 5s, told);
  Limits limits;
  limits.cell_ovp_v = 3.65;
  pack.on_event({0, limits}, at(1s));
  pack.on_event({0, limits}, at(2s));
  CHECK(told.limits.size() == 1);
  Limits more;
  more.cell_uvp_v = 2.5;
  pack.on_event({0, more}, at(3s));
  REQUIRE(told.limits.size() == 2);
  CHECK(told.limits[1].cell_ovp_v == 3.65);
  CHECK(told.limits[1].cell_uvp_v == 2.5);
}

TEST_CASE("a repeating fault is said once, then at widening intervals, then once that it is over") {
  RepeatingFault fault;
  const auto minute = [](int n) { return SteadyTime(std::chrono::minutes(n + 1)); };
  CHECK(fault.say("no answer", minute(0)));
  CHECK_FALSE(fault.say("no answer", minute(0) + 59s));
  CHECK(fault.say("no answer", minute(1)));
  CHECK_FALSE(fault.say("no answer", minute(5)));
  CHECK(fault.say("no answer", minute(11)));
  CHECK_FALSE(fault.say("no answer", minute(60)));
  CHECK(fault.say("port is gone", minute(60)));
  CHECK(fault.over());
  CHECK_FALSE(fault.over());
}
