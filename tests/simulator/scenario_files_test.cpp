#include "tests/simulator/scenario_files.h"

#include <doctest/doctest.h>

#include <cmath>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/simulator/keys.h"
#include "tests/simulator/scenario_draw.h"

using namespace simulator;
using nlohmann::json;

TEST_CASE("scenario files: a row is what the BMS said, in its resolution") {
  std::ostringstream csv;
  CsvWriter rows(csv, 2);
  rows.write(
      {.t_s = 0, .cells_v = {3.3004, 3.2996}, .pack_v = 6.6, .current_a = -12.34, .soc_pct = 51, .temp_c = 24.96});
  rows.write({.t_s = 1e6 + 2.5, .cells_v = {3.3, 3}, .pack_v = 6.3, .charge_on = false, .balancing = 2});
  CHECK(csv.str() ==
        "t_s,pack_v,current_a,soc_pct,charge_on,discharge_on,balancing,temp_c,cell_1_v,cell_2_v\n"
        "0,6.60,-12.3,51,1,1,0,25.0,3.300,3.300\n"
        "1000002.500,6.30,0.0,0,0,1,1,25.0,3.300,3.000\n");
}

TEST_CASE(
    "scenario files: the truth names what ended how, top offsets after a charge and bottom ones after a discharge") {
  PhaseEnd end{.t_s = 3600,
               .cycle = 2,
               .phase = Phase::charge,
               .outcome = Outcome::bms,
               .offset_ah = {5, 0},
               .usable_ah = 95,
               .peak_v = 3.655,
               .peak_cell = 2};
  CHECK(json::parse(truth_of_end(end)) ==
        json::parse(R"({"t_s":3600.0,"cycle":2,"phase":"charge","outcome":"bms","offset_top_ah":[5.0,0.0],
                        "usable_ah":95.0,"peak_cell":2,"peak_cell_v":3.655})"));
  end.phase = Phase::discharge;
  end.outcome = Outcome::load;
  const json low = json::parse(truth_of_end(end));
  CHECK(low["outcome"] == "load");
  CHECK(low["offset_bottom_ah"] == json{5.0, 0.0});
  CHECK(low["lowest_cell_v"] == 3.655);
  CHECK_FALSE(low.contains("offset_top_ah"));
}

TEST_CASE("scenario files: the pack's own truth shows what is wrong with it") {
  const auto options = draw_daily(kind_from_text("leak=2:0.1:5"), 3, {.cells = 4, .capacity_ah = 100});
  const json pack = json::parse(truth_of_pack(options))["pack"];
  CHECK(pack["cells"].size() == 4);
  CHECK(std::abs(pack["cells"][1]["leak_pct_day"].get<double>() - 0.1) < 0.003);
  CHECK(pack["cells"][1]["leak_from_day"] == 5);
  CHECK(pack["cells"][0]["leak_pct_day"].get<double>() < 0.02);
  CHECK(pack["charger_v"].get<double>() == options.charger.set_v);
}

TEST_CASE("scenario files: a file that cannot be written is said") {
  CHECK_THROWS_AS(
      write_scenario(draw_daily({}, 1, {.days = 0.01}), {.csv = "/nowhere/at/all.csv", .truth = "", .config = ""}),
      BadOption);
}
