#pragma once
// The live table of `watch`, `read` and `run` on a terminal; one plain line per pack for a pipe.
//
//   pack         voltage    current ...                      what the packs say
//   house-16s    54.17 V    60.10 A
//
//   pack       charge ended by      margin  first full ...   what the analysis makes of it, where it is heard
//   house-16s  the BMS             -158 mV      cell 7
//              The BMS will end this charge because cell 7 is full first: what to set ...
#include <optional>
#include <string>
#include <vector>

#include "daemon/commands/bank_table.h"
#include "protocols/battery.h"

namespace cellwarden {

/// What the analysis says of a pack, as far as the table shows it.
struct Outlook {
  std::string charge_verdict = {};  ///< bms | charger | marginal; empty: not known
  std::optional<double> charge_margin_mv = {}, minutes_to_stop = {};
  std::optional<int> first_full_cell = {}, first_empty_cell = {};
  std::string advice = {};
};

struct PackRow {
  std::string id;
  bool online = false;
  std::string why;  ///< why it is offline, for the owner
  std::optional<Reading> reading;
  std::optional<Outlook> outlook = {};
};

/// A table with a heading and a line per pack, below it one of the banks and one of the outlooks.
std::string pack_table(const std::vector<PackRow>& rows, const std::vector<BankRow>& banks = {});
/// "house-1 online 53.12 V -12.4 A 81.5 % cells 3.317..3.324 V delta 7 mV charge ended by the BMS, margin -158 mV"
std::string pack_line(const PackRow& row);

}  // namespace cellwarden
