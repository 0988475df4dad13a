#pragma once
// The payloads of a pack's topics. Pure. Every key is always there; what is unknown is null.
#include <string>
#include <vector>

#include "protocols/battery.h"

namespace cellwarden {

/// <id>/state: the reading, what follows from its cells at once, and the energy counted so far.
std::string state_message(const Reading& reading, const std::optional<Energy>& energy = {});
/// <id>/info: identity and limits, those of the owner (`overrides`) before those of the BMS.
std::string info_message(const Identity& identity, Limits limits, const Limits& overrides);
/// <id>/event: one per alarm or warning of the BMS that came or went between two readings.
std::vector<std::string> event_messages(const std::string& pack, const Reading* before, const Reading& now);

}  // namespace cellwarden
