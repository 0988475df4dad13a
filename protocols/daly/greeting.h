#pragma once
// What some Bluetooth modules of Daly's say by themselves when somebody begins to listen (daly.md 4). No board's words.
#include <string_view>

namespace cellwarden::daly {

inline constexpr std::string_view module_greeting = "char1_ntf_data";

}  // namespace cellwarden::daly
