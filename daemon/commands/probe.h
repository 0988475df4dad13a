#pragma once
#include <iosfwd>

#include "daemon/finding/tries.h"

namespace cellwarden {

/// `cellwarden probe LINK`: which BMS is behind a link, found by the same reads that `run` sends and no others. Says
/// what it tries, ends in a bounded time that it names first; prints the [[pack]] blocks to paste, or with `json` a
/// list. A line where somebody unknown talks: shows what was heard. Exit codes: 0 found, 1 nothing found, 3 cannot be
/// opened.
int probe(const finding::Place& place, bool json, std::ostream& out, std::ostream& err);

}  // namespace cellwarden
