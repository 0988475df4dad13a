#pragma once
// What several packs on one line have to do with each other.
#include <optional>
#include <string_view>

#include "protocols/adapter.h"

namespace cellwarden {

/// As a pack's protocol: it is looked for.
inline constexpr std::string_view auto_protocol = "auto";

/// A board's number on the wire among all that count as Modbus does, whatever their protocol; empty: it has none.
std::optional<int> unit_on_line(const Protocol& protocol, int address);

}  // namespace cellwarden
