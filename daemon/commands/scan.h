#pragma once
#include <iosfwd>

namespace cellwarden {

/// `cellwarden scan`: the serial ports in sight, and whether they can be opened. Asks no BMS anything: what is behind a
/// port `cellwarden probe` finds out, and only on the port it is given. Exit codes: 0 there are ports, 1 there are
/// none.
int scan(bool json, std::ostream& out, std::ostream& err);

}  // namespace cellwarden
