// The live table, by the owner's eyes.
#include <doctest/doctest.h>

#include "daemon/commands/pack_table.h"

using namespace cellwarden;

namespace {

PackRow house() {
  Reading reading;
  reading.cells_v = {3.361, 3.409, std::nullopt, 3.355};
  reading.pack_v = 13.48, reading.current_a = 60.0, reading.soc_pct = 97.0, reading.remaining_ah = 271.6;
  reading.charge_on = true, reading.discharge_on = true;
  reading.temps_c = {24.0, std::nullopt};
  return {.id = "house-4s", .online = true, .why = "", .reading = reading};
}
const Outlook bms{.charge_verdict = "bms",
                  .charge_margin_mv = -157.5,
                  .minutes_to_stop = 2.62,
                  .first_full_cell = 2,
                  .advice = "The BMS will end this charge because cell 2 is full first."};

}  // namespace

TEST_CASE("the table shows what a pack says, and below it what is made of it") {
  PackRow row = house();
  const std::string readings =
      "pack        voltage    current      SoC  remaining      highest cell       lowest cell     delta  chg/dischg"
      "  temps C\n"
      "house-4s    13.48 V    60.00 A   97.0 %   271.6 Ah       3.409 V (2)       3.355 V (4)     54 mV      on/on"
      "  24\n";
  CHECK(pack_table({row}) == readings);
  row.outlook = bms;
  CHECK(pack_table({row}) == readings +
                                 "\n"
                                 "pack      charge ended by      margin  first full  first empty    stops in\n"
                                 "house-4s  the BMS             -158 mV      cell 2            -     2.6 min\n"
                                 "          The BMS will end this charge because cell 2 is full first.\n");
  row.outlook = Outlook{};
  CHECK(pack_table({row}).find("house-4s  not known yet             -           -            -           -\n") !=
        std::string::npos);
}

TEST_CASE("a pack that is offline has no outlook, and a line of plain text has the verdict") {
  PackRow row = house();
  row.outlook = bms;
  CHECK(pack_line(row) ==
        "house-4s online 13.48 V 60.00 A 97.0 % cells 3.355..3.409 V delta 54 mV charge ended by the BMS, margin -158 "
        "mV");
  row.online = false;
  CHECK(pack_table({row}).find("the BMS") == std::string::npos);
  CHECK(pack_line(row) == "house-4s offline");
}
