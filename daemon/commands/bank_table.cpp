#include "daemon/commands/bank_table.h"

#include <algorithm>

#include "daemon/commands/table_text.h"

namespace cellwarden {

namespace {

std::string joined_text(const BankState& bank) {
  return print("%d in %s", bank.members, std::string(name(bank.joined)).c_str());
}
std::string heard_text(const BankState& bank) { return print("%d of %d", bank.fresh_members, bank.members); }

std::string cell_text(const std::optional<double>& volts, const std::optional<std::string>& pack,
                      const std::optional<int>& cell) {
  return volts && pack && cell ? print("%.3f V (%s %d)", *volts, pack->c_str(), *cell) : "-";
}

}  // namespace

std::string bank_table(const std::vector<BankRow>& rows) {
  if (rows.empty()) return "";
  std::size_t width = 4, cell_width = 12;
  for (const auto& row : rows) {
    width = std::max(width, row.id.size());
    cell_width =
        std::max(cell_width, cell_text(row.bank.cell_max_v, row.bank.cell_max_pack, row.bank.cell_max_n).size());
  }
  const int id = static_cast<int>(width), cell = static_cast<int>(cell_width);
  std::string table = print("\n%-*s  %-14s  %9s  %9s  %7s  %10s  %9s  %7s  %-*s  %s\n", id, "bank", "joined", "voltage",
                            "current", "SoC", "usable now", "installed", "heard", cell, "highest cell", "lowest cell");
  for (const auto& [name, bank] : rows) {
    table +=
        print("%-*s  %-14s  %9s  %9s  %7s  %10s  %9s  %7s  %-*s  %s\n", id, name.c_str(), joined_text(bank).c_str(),
              number(bank.pack_v, 2, " V").c_str(), number(bank.current_a, 2, " A").c_str(),
              number(bank.soc_pct, 1, " %").c_str(), number(bank.usable_now_ah, 1, " Ah").c_str(),
              number(bank.installed_ah, 1, " Ah").c_str(), heard_text(bank).c_str(), cell,
              cell_text(bank.cell_max_v, bank.cell_max_pack, bank.cell_max_n).c_str(),
              cell_text(bank.cell_min_v, bank.cell_min_pack, bank.cell_min_n).c_str());
    for (const auto& text : {bank.advice, bank.problem})
      if (text) table += print("%*s  %s\n", id, "", text->c_str());
  }
  return table;
}

std::string bank_line(const BankRow& row) {
  const BankState& bank = row.bank;
  std::string line = row.id + " " + joined_text(bank) + " " + heard_text(bank) + " heard";
  if (bank.online()) {
    line += " " + number(bank.pack_v, 2, " V") + " " + number(bank.current_a, 2, " A") + " " +
            number(bank.soc_pct, 1, " %") + " usable " + number(bank.usable_now_ah, 1, " Ah");
  }
  return line + " of " + number(bank.installed_ah, 1, " Ah");
}

}  // namespace cellwarden
