#include "daemon/alerts/wording.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace cellwarden {

namespace {

// clang-format off
constexpr std::array<const char*, 19> advices = {
    "Lower the charger's voltage until the cells are balanced; the insight names a voltage that keeps the BMS out of it.",
    "Charge soon: LFP cells take harm below their limit. Raise the voltage at which the load lets go.",
    "The charger's voltage is above the BMS's pack limit: lower it.",
    "Charge soon, and raise the voltage at which the load lets go.",
    "Lower the charger's current below the BMS's limit, or look for two chargers at work at once.",
    "Switch off loads: together they draw more than the BMS allows.",
    "Disconnect the loads and look for a short circuit before switching on again.",
    "Let the battery cool and give it air; charge with less current.",
    "Warm the battery before charging: cells that are charged in frost are damaged.",
    "Let the battery cool and give it air; draw less current.",
    "Warm the battery: cells give little current in such cold.",
    "Give the BMS air, or lower the current: its switches are too hot.",
    "The BMS finds the cells too far apart: see the offsets in the insight, and balance them at the top.",
    "Look for a hot cell, a loose connection or a probe that fell off: the temperatures are too far apart.",
    "Charge soon.",
    "Look at the BMS's sense wires and temperature probes: one of them is off.",
    "The BMS says that a switch of its own fails: it may no longer protect the cells. Have it looked at.",
    "The BMS says that it has a fault of its own: it may no longer protect the cells. Have it looked at.",
    "The BMS's app tells more of it; its own words are in alarm_raw."};
// clang-format on
static_assert(advices.size() == alarm_names.size());

}  // namespace

std::string current_text(const char* before, std::optional<double> current_a) {
  return current_a ? before + number_text(*current_a, 1, " A") : "";
}

std::string number_text(double value, int digits, const char* unit) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f%s", digits, value, unit);
  return text.data();
}

std::string time_text(UtcTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d UTC", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()));
  return text.data();
}

std::string shortened(std::string text) {
  constexpr std::size_t most = 254;
  if (text.size() <= most) return text;
  const auto end = text.rfind(' ', most - 3);
  text.resize(end == std::string::npos || end < most / 2 ? most - 3 : end);
  return text + "...";
}

std::string cell_text(int cell) { return "cell " + std::to_string(cell); }

std::string alarm_text(Alarm alarm) {
  std::string words(name(alarm));
  std::ranges::replace(words, '_', ' ');
  return alarm == Alarm::other ? "an alarm of its own" : words;
}

const char* alarm_advice(Alarm alarm) { return advices[static_cast<std::size_t>(alarm)]; }

}  // namespace cellwarden
