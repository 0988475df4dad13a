#pragma once
#include <cstdint>
#include <optional>

namespace cellwarden {

/// What a radio link went through.
struct LinkCounters {
  std::uint64_t connects = 0, drops = 0;
  std::optional<int> rssi_dbm;  ///< when it was last heard advertising
};

}  // namespace cellwarden
