#pragma once
// A pack whose link is left to others for a while.
#include <chrono>

namespace cellwarden {

/// The most an owner can ask for.
constexpr std::chrono::minutes longest_release{60};
/// Why it is offline meanwhile.
constexpr const char* released_why = "released: the link is left to the phone app";

}  // namespace cellwarden
