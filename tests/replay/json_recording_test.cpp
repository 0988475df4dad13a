#include <doctest/doctest.h>

#include "protocols/battery_json.h"
#include "tests/replay/replayed.h"

using namespace cellwarden;
using namespace cellwarden::test;

TEST_CASE("json lines: a Reading with t_s, as the state topic shows it") {
  Reading said;
  said.taken_at = utc_from_text("2026-01-01T00:00:00.000Z");
  said.cells_v = {3.301, std::nullopt, 3.299};
  said.pack_v = 9.9;
  said.current_a = -4.5;
  said.temps_c = {20.5, std::nullopt};
  said.charge_on = true;
  said.alarms = {Alarm::cell_overvoltage};
  auto line = to_json_with_summary(said);
  line["t_s"] = 86400.25;
  const auto all = replayed(line.dump() + "\n\n" +
                            R"({"t_s":86401,"cells_v":[3.3]})"
                            "\n");
  REQUIRE(all.readings.size() == 2);
  said.steady_s = 86400.25;
  said.taken_at = utc_from_text("1970-01-02T00:00:00.250Z");
  CHECK(all.readings[0] == said);
  CHECK(all.readings[1].steady_s == 86401);
  CHECK_FALSE(all.readings[1].pack_v);
  CHECK(all.skipped == 0);
}

TEST_CASE("json lines: what is no reading is skipped and counted") {
  const std::string good = R"({"t_s":1,"cells_v":[3.3]})";
  for (const char* wrong : {R"({"cells_v":[3.3]})", R"({"t_s":"1","cells_v":[3.3]})", R"({"t_s":1,"cells_v":3.3})",
                            R"({"t_s":1,"cells_v":[3.3)", "[]", "3", R"({"t_s":1e300})", "t_s,cell_1_v"}) {
    CAPTURE(wrong);
    const auto all = replayed(good + "\n" + wrong + "\n" + good + "\n");
    CHECK(all.rows == 2);
    CHECK(all.skipped == 1);
    CHECK(all.first_skipped_line == 2);
  }
}
