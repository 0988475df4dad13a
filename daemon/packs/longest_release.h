#pragma once
#include <chrono>

namespace cellwarden {

/// The most an owner can ask for.
constexpr std::chrono::minutes longest_release{60};

}  // namespace cellwarden
