#include "daemon/commands/pack_table.h"

#include <algorithm>

#include "daemon/commands/table_text.h"

namespace cellwarden {

namespace {

std::string on_off(const std::optional<bool>& value) { return value ? (*value ? "on" : "off") : "-"; }

std::string temperatures(const Reading& reading) {
  std::string text;
  for (const auto& temp : reading.temps_c) {
    if (temp) text += print("%s%.0f", text.empty() ? "" : " ", *temp);
  }
  return text.empty() ? "-" : text;
}

std::string alarms(const Reading& reading) {
  std::string text;
  for (const auto* list : {&reading.alarms, &reading.warnings}) {
    if (!*list) continue;
    for (const Alarm alarm : **list) text += (text.empty() ? "" : " ") + std::string(name(alarm));
  }
  return text;
}

std::string cell_text(const std::optional<int>& cell) { return cell ? print("cell %d", *cell) : "-"; }

std::string who_ends(const std::string& verdict) {
  if (verdict.empty()) return "not known yet";
  if (verdict == "marginal") return "too close to say";
  return verdict == "bms" ? "the BMS" : "the charger";
}

std::string outlook_table(const std::vector<PackRow>& rows, int id) {
  std::string lines;
  for (const auto& row : rows) {
    if (!row.outlook || !row.online) continue;
    const Outlook& now = *row.outlook;
    lines += print("%-*s  %-16s  %9s  %10s  %11s  %10s\n", id, row.id.c_str(), who_ends(now.charge_verdict).c_str(),
                   number(now.charge_margin_mv, 0, " mV").c_str(), cell_text(now.first_full_cell).c_str(),
                   cell_text(now.first_empty_cell).c_str(), number(now.minutes_to_stop, 1, " min").c_str());
    if (!now.advice.empty()) lines += print("%*s  %s\n", id, "", now.advice.c_str());
  }
  if (lines.empty()) return lines;
  return print("\n%-*s  %-16s  %9s  %10s  %11s  %10s\n", id, "pack", "charge ended by", "margin", "first full",
               "first empty", "stops in") +
         lines;
}

}  // namespace

std::string pack_table(const std::vector<PackRow>& rows, const std::vector<BankRow>& banks) {
  std::size_t width = 4;
  for (const auto& row : rows) width = std::max(width, row.id.size());
  const int id = static_cast<int>(width);

  std::string table = print("%-*s  %9s  %9s  %7s  %9s  %16s  %16s  %8s  %9s  %s\n", id, "pack", "voltage", "current",
                            "SoC", "remaining", "highest cell", "lowest cell", "delta", "chg/dischg", "temps C");
  for (const auto& row : rows) {
    if (!row.reading || !row.online) {
      table += print("%-*s  %s%s%s\n", id, row.id.c_str(), "offline", row.why.empty() ? "" : ": ", row.why.c_str());
      continue;
    }
    const Reading& reading = *row.reading;
    const auto cells = summarise(reading.cells_v);
    const std::string highest = cells ? print("%.3f V (%d)", cells->cell_max_v, cells->cell_max_n) : "-";
    const std::string lowest = cells ? print("%.3f V (%d)", cells->cell_min_v, cells->cell_min_n) : "-";
    const std::string delta = cells ? print("%.0f mV", cells->cell_delta_mv) : "-";
    const std::string switches = on_off(reading.charge_on) + "/" + on_off(reading.discharge_on);
    table += print("%-*s  %9s  %9s  %7s  %9s  %16s  %16s  %8s  %9s  %s", id, row.id.c_str(),
                   number(reading.pack_v, 2, " V").c_str(), number(reading.current_a, 2, " A").c_str(),
                   number(reading.soc_pct, 1, " %").c_str(), number(reading.remaining_ah, 1, " Ah").c_str(),
                   highest.c_str(), lowest.c_str(), delta.c_str(), switches.c_str(), temperatures(reading).c_str());
    const std::string standing = alarms(reading);
    table += standing.empty() ? "\n" : "  " + standing + "\n";
  }
  return table + bank_table(banks) + outlook_table(rows, id);
}

std::string pack_line(const PackRow& row) {
  if (!row.online || !row.reading) return row.id + " offline" + (row.why.empty() ? "" : ": " + row.why);
  const Reading& reading = *row.reading;
  std::string line = row.id + " online " + number(reading.pack_v, 2, " V") + " " + number(reading.current_a, 2, " A") +
                     " " + number(reading.soc_pct, 1, " %");
  if (const auto cells = summarise(reading.cells_v)) {
    line += print(" cells %.3f..%.3f V delta %.0f mV", cells->cell_min_v, cells->cell_max_v, cells->cell_delta_mv);
  }
  if (row.outlook && !row.outlook->charge_verdict.empty()) {
    line += " charge ended by " + who_ends(row.outlook->charge_verdict) + ", margin " +
            number(row.outlook->charge_margin_mv, 0, " mV");
  }
  const std::string standing = alarms(reading);
  return standing.empty() ? line : line + " " + standing;
}

}  // namespace cellwarden
