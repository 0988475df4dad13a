#include <doctest/doctest.h>

#include "protocols/battery_json.h"
#include "tests/replay/replayed.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

using Cells = std::vector<std::optional<double>>;
const std::string header = "t_s,pack_v,current_a,soc_pct,charge_on,discharge_on,balancing,temp_c,cell_1_v,cell_2_v\n";

}  // namespace

TEST_CASE("csv: a row is a reading, its t_s both clocks") {
  const auto all = replayed(header + "12.5,6.61,-3.2,55,1,0,1,21.5,3.301,3.309\n");
  REQUIRE(all.readings.size() == 1);
  Reading expected;
  expected.steady_s = 12.5;
  expected.taken_at = utc_from_text("1970-01-01T00:00:12.500Z");
  expected.pack_v = 6.61;
  expected.current_a = -3.2;
  expected.soc_pct = 55;
  expected.charge_on = true;
  expected.discharge_on = false;
  expected.balancing = true;
  expected.temps_c = {21.5};
  expected.cells_v = {3.301, 3.309};
  CHECK(all.readings[0] == expected);
  CHECK(all.rows == 1);
  CHECK(all.skipped == 0);
}

TEST_CASE("csv: an empty field is unknown, and stays unknown to the next row only") {
  const auto all = replayed(header + "0,6.6,1,50,1,1,0,20,3.3,3.3\n1,,,,,,,,,\n2,6.6,1,50,1,1,0,20,3.3,3.4\n");
  REQUIRE(all.readings.size() == 3);
  const Reading& empty = all.readings[1];
  CHECK(empty.cells_v == Cells{std::nullopt, std::nullopt});
  CHECK(empty.temps_c == Cells{std::nullopt});
  CHECK_FALSE((empty.pack_v || empty.current_a || empty.soc_pct || empty.charge_on || empty.discharge_on));
  CHECK_FALSE(empty.balancing);
  CHECK(empty.steady_s == 1);
  CHECK(all.readings[2].cells_v == Cells{3.3, 3.4});
}

TEST_CASE("csv: columns in any order, of any number; a cell keeps its number when another has no column") {
  const auto all = replayed("cell_4_v, \"note\" ,t_s,cell_2_v\n3.4,whatever; 3<4,7,3.2\r\n3.5,,8,\r\n");
  REQUIRE(all.readings.size() == 2);
  CHECK(all.readings[0].cells_v == Cells{std::nullopt, 3.2, std::nullopt, 3.4});
  CHECK(all.readings[0].steady_s == 7);
  CHECK(all.readings[0].temps_c.empty());
  CHECK(all.readings[1].cells_v == Cells{std::nullopt, std::nullopt, std::nullopt, 3.5});
}

TEST_CASE("csv: numbers as loggers write them") {
  const auto all =
      replayed("t_s,current_a,charge_on,cell_1_v\n1e3,+2.5,true,\"3.30\"\n1001, -1e-1 ,false,3.\n1002,-0,0,.5\n");
  REQUIRE(all.readings.size() == 3);
  CHECK(all.readings[0].steady_s == 1000);
  CHECK(all.readings[0].current_a == 2.5);
  CHECK(all.readings[0].charge_on == true);
  CHECK(all.readings[0].cells_v == Cells{3.3});
  CHECK(all.readings[1].current_a == -0.1);
  CHECK(all.readings[1].charge_on == false);
  CHECK(all.readings[2].charge_on == false);
}

TEST_CASE("csv: a row that cannot be read is skipped and counted, and leaves nothing behind") {
  for (const char* torn : {"1,6.6,1,50,1,1,0,20,3.3", "1,6.6,1,50,1,1,0,20,3.3,3.3,", "1,6.6,1,50,1,1,0,20,3.3,3.x",
                           ",6.6,1,50,1,1,0,20,3.3,3.3", "1,nan,1,50,1,1,0,20,3.3,3.3", "1,6.6,inf,50,1,1,0,20,3.3,3.3",
                           "1e300,6.6,1,50,1,1,0,20,3.3,3.3", "1,6.6,1,50,yes,1,0,20,3.3,3.3", "1", "\x01\x02"}) {
    CAPTURE(torn);
    const auto all = replayed(header + "0,6.6,1,50,1,1,0,20,3.3,3.3\n" + torn + "\n\n2,6.7,,,,,,,3.31,\n");
    REQUIRE(all.readings.size() == 2);
    CHECK(all.skipped == 1);
    CHECK(all.first_skipped_line == 3);
    CHECK(all.readings[1].steady_s == 2);
    CHECK(all.readings[1].cells_v == Cells{3.31, std::nullopt});
    CHECK_FALSE(all.readings[1].current_a);
  }
}

TEST_CASE("csv: a line longer than any is one row that cannot be read") {
  const std::string row = "0,6.6,1,50,1,1,0,20,3.3,3.3\n";
  for (const std::size_t length : {LineReader::longest + 1, 5 * LineReader::longest, 9 * LineReader::longest}) {
    const auto all = replayed(header + row + std::string(length, '1') + "\n" + row);
    CHECK(all.rows == 2);
    CHECK(all.skipped == 1);
    CHECK(all.bytes == header.size() + 2 * row.size() + length + 1);
  }
}

TEST_CASE("csv: many blocks, the last line without its end") {
  std::string text = "t_s,cell_1_v\n";
  for (int i = 0; i < 100000; ++i) text += std::to_string(i) + ",3." + std::to_string(100 + i % 900) + "\n";
  text.pop_back();
  const auto all = replayed(text);
  REQUIRE(all.rows == 100000);
  CHECK(all.skipped == 0);
  CHECK(all.bytes == text.size());
  for (int i = 0; i < 100000; ++i) {
    const Reading& reading = all.readings[static_cast<std::size_t>(i)];
    REQUIRE(reading.steady_s == i);
    REQUIRE(*reading.cells_v[0] == doctest::Approx(3.1 + 0.001 * (i % 900)));
  }
}

TEST_CASE("csv: what has no readable header is no recording") {
  CHECK(refusal("") != "");
  CHECK(refusal("\n\n") != "");
  CHECK(refusal("0,13.2,1.5\n1,13.2,1.5\n") != "");
  CHECK(refusal("pack_v,cell_1_v\n13.2,3.3\n") != "");
  CHECK(refusal("t_s,time,cell_x_v,cell_0_v,cell_513_v\n") != "");
  CHECK(refusal("t_s,cell_1_v,cell_1_v\n").find("cell_1_v twice") != std::string::npos);
  CHECK(refusal("\x7F"
                "ELF\x02\x01") != "");
  CHECK(refusal("t_s,cell_1_v\n") == "");
  CHECK(refusal("\xEF\xBB\xBF"
                "t_s,cell_1_v\n") == "");
  CHECK(refusal("\n" + header) == "");
}
