#pragma once
// Numbers and moments as sentences say them.
#include <string>

#include "protocols/battery.h"

namespace cellwarden {

/// With so many digits after the point: number_text(3.4512, 3, " V") is "3.451 V".
std::string number_text(double value, int digits, const char* unit = "");
/// "2026-11-25 12:30 UTC"
std::string time_text(UtcTime time);
/// Under 255 characters: cut after a word where it is longer (Home Assistant shows no more).
std::string shortened(std::string text);
std::string cell_text(int cell);
/// " and 20.0 A"; nothing where the current is not known.
std::string current_text(const char* before, std::optional<double> current_a);

/// What the BMS's own alarm means and what to do.
std::string alarm_text(Alarm alarm);
const char* alarm_advice(Alarm alarm);

}  // namespace cellwarden
