#include "daemon/report/words.h"

#include <array>
#include <cctype>
#include <cmath>

#include "daemon/alerts/wording.h"

namespace cellwarden::report {

namespace {

constexpr std::array<const char*, 12> months = {"January", "February", "March",     "April",   "May",      "June",
                                                "July",    "August",   "September", "October", "November", "December"};
/// No battery that is read here is older: such a date is a recording's own count.
constexpr int first_year = 2000;

// clang-format off
constexpr std::array<const char*, reason_names.size()> reasons = {
    "",
    "nothing has been heard of the pack yet",
    "the pack was never seen full",
    "the pack was never seen near empty",
    "a cell is so far behind that only a least value is known",
    "readings are missing between full and empty",
    "the capacity is not known (set capacity_ah)",
    "the BMS does not tell the current",
    "several cells are as good as equal",
    "the current has not stepped often enough yet",
    "the pack has not been in the state that shows it",
    "too few charges have been seen yet",
    "many cells changed at once, and the count began anew",
    "the charger's voltage is not known (set charger.absorption_v)",
    "the BMS does not say at which cell voltage it ends the charge (set limits.cell_ovp_v)",
    "it is not known at which voltage the load lets go (set load.cutoff_v)",
    "the BMS does not say at which cell voltage it ends the discharge (set limits.cell_uvp_v)",
    "the chemistry is not known (set chemistry)",
    "the cells are too far apart for any useful voltage",
    "the pack is not being charged",
    "the pack is not being discharged",
    "the balancer's current is not known (set balancer.current_a)",
    "the cells drift apart faster than the balancer works",
    "the balancer hardly ever comes to work",
    "cells were being balanced while they were measured",
    "the cells were too cold, too hot or unevenly warm",
    "the BMS repeats old values",
    "a cell reads a voltage that no such cell has",
    "the cells' voltages do not add up to the pack's",
    "a pack of so many cells is not followed"};
// clang-format on

struct Calendar {
  explicit Calendar(std::chrono::sys_days day) : date(day), count(day.time_since_epoch().count()) {}
  bool real() const { return static_cast<int>(date.year()) >= first_year; }
  const char* month() const { return months[static_cast<unsigned>(date.month()) - 1]; }
  std::string year() const { return std::to_string(static_cast<int>(date.year())); }
  std::string counted() const { return "day " + std::to_string(count); }

  std::chrono::year_month_day date;
  long count;
};

}  // namespace

std::string date_text(std::chrono::sys_days day) {
  const Calendar at(day);
  if (!at.real()) return at.counted();
  return std::to_string(static_cast<unsigned>(at.date.day())) + " " + at.month() + " " + at.year();
}

std::string short_date_text(std::chrono::sys_days day) {
  const Calendar at(day);
  if (!at.real()) return at.counted();
  return std::to_string(static_cast<unsigned>(at.date.day())) + " " + std::string(at.month()).substr(0, 3) + " " +
         at.year();
}

std::string about_kwh(double kwh) { return "about " + number_text(kwh, kwh < 0.1 ? 2 : 1, " kWh"); }

std::string days_text(double days) {
  if (days < 1.5) return "a day";
  if (days < 60) return number_text(days, 0, " days");
  if (days < 700) return "about " + number_text(days / 30.4, 0, " months");
  return "about " + number_text(days / 365.25, 0, " years");
}

std::string cells_text(const std::vector<int>& cells) {
  if (cells.size() == 1) return cell_text(cells.front());
  std::string text = "cells ";
  for (std::size_t n = 0; n < cells.size(); ++n) {
    if (n > 0) text += n + 1 == cells.size() ? " and " : ", ";
    text += std::to_string(cells[n]);
  }
  return text;
}

std::string capitalised(std::string sentence) {
  if (!sentence.empty())
    sentence.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence.front())));
  return sentence;
}

const char* trust_words(double confidence) {
  constexpr double sure = 0.7, likely = 0.4;
  return confidence >= sure ? "sure" : confidence >= likely ? "likely" : "a guess";
}

const char* reason_words(Reason reason) { return reasons[static_cast<std::size_t>(reason)]; }

}  // namespace cellwarden::report
