#pragma once
// The live table of `watch`, `read` and `run` on a terminal; one plain line per pack for a pipe.
#include <optional>
#include <string>
#include <vector>

#include "protocols/battery.h"

namespace cellwarden {

struct PackRow {
  std::string id;
  bool online = false;
  std::string why;  ///< why it is offline, for the owner
  std::optional<Reading> reading;
};

/// A table with a heading and a line per pack.
std::string pack_table(const std::vector<PackRow>& rows);
/// "house-1 online 53.12 V -12.4 A 81.5 % cells 3.317..3.324 V delta 7 mV"
std::string pack_line(const PackRow& row);

}  // namespace cellwarden
