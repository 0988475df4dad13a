#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "config/config.h"
#include "protocols/adapter.h"

namespace cellwarden {

/// One conversation to try on a line.
struct ProbeTry {
  const Protocol* protocol;
  unsigned baud;
  int address;
};

/// Every protocol at every baud rate and address where it is found, one baud rate after the other.
std::vector<ProbeTry> probe_tries();

/// `cellwarden probe LINK`: which BMS is behind a port, found by the same reads that `run` sends and no others. Says
/// what it tries, ends in a bounded time that it names first; prints the [[pack]] blocks to paste, or with `json` a
/// list. A line where somebody unknown talks: shows what was heard. Exit codes: 0 found, 1 nothing found, 3 cannot be
/// opened.
int probe(const LinkAddress& link, bool json, std::ostream& out, std::ostream& err);

}  // namespace cellwarden
