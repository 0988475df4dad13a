#pragma once
#include <iosfwd>

#include "protocols/adapter.h"

namespace cellwarden {

/// `cellwarden decode --protocol P [FILE]`: prints one JSON object,
/// {"reading":{...},"limits":{...},"identity":{...},"frames":N,"rejected":{"checksum":1,...}}, with the keys that the
/// bytes gave: the last whole reading, else what one half of a poll said; limits and identity as they add up. An
/// impossible cell is null. Exit codes: 0 at least one frame was good, 1 none was.
int decode_capture(std::istream& in, const std::string& name, const Protocol& protocol, std::ostream& out,
                   std::ostream& err);

}  // namespace cellwarden
