#pragma once
// The sums that frames end with.
#include <numeric>

#include "protocols/bytes.h"

namespace cellwarden {

/// All bytes added, modulo 65536.
inline std::uint16_t sum16(Bytes covered) {
  return static_cast<std::uint16_t>(std::accumulate(covered.begin(), covered.end(), 0U));
}

}  // namespace cellwarden
