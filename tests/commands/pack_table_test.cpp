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

TEST_CASE("banks stand below their packs, the extreme cells with the pack they are in") {
  BankState bank;
  bank.members = 2, bank.fresh_members = 1;
  bank.stale_packs = {"b"};
  bank.pack_v = 13.26, bank.soc_pct = 65.4, bank.usable_now_ah = 80.0, bank.installed_ah = 400.0;
  bank.cell_max_v = 3.412, bank.cell_max_pack = "house-4s", bank.cell_max_n = 2;
  bank.cell_min_v = 3.375, bank.cell_min_pack = "house-4s", bank.cell_min_n = 4;
  bank.problem = "Not heard: b.";
  const BankRow row{"house", bank};
  const std::string packs = pack_table({house()});
  CHECK(
      pack_table({house()}, {row}) ==
      packs +
          "\n"
          "bank   joined            voltage    current      SoC  usable now  installed    heard  highest cell          "
          "lowest cell\n"
          "house  2 in parallel     13.26 V          -   65.4 %     80.0 Ah   400.0 Ah   1 of 2  3.412 V (house-4s 2)"
          "  3.375 V (house-4s 4)\n"
          "       Not heard: b.\n");
  CHECK(bank_line(row) == "house 2 in parallel 1 of 2 heard 13.26 V - 65.4 % usable 80.0 Ah of 400.0 Ah");
  CHECK(bank_line({"house", {}}) == "house 0 in parallel 0 of 0 heard of -");
}
