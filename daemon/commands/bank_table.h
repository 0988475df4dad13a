#pragma once
// The banks below the live table of their packs; one plain line per bank for a pipe.
//
//   bank   joined           voltage    current      SoC  usable now  installed    heard  highest cell         lowest
//   cell house  2 in parallel    53.20 V   -22.10 A   78.0 %    155.4 Ah   560.0 Ah   2 of 2  3.412 V (house-1
//   7)  3.375 V (...)
//          house-2: its BMS ends its charge first in 3 min, because cell 7 is full; ...
#include <string>
#include <vector>

#include "daemon/banks/bank_state.h"

namespace cellwarden {

struct BankRow {
  std::string id;
  BankState bank;
};

/// Empty without banks; else begins with an empty line.
std::string bank_table(const std::vector<BankRow>& rows);
/// "house 2 in parallel 2 of 2 heard 53.20 V -22.10 A 78.0 % usable 155.4 Ah of 560.0 Ah"
std::string bank_line(const BankRow& row);

}  // namespace cellwarden
