#include "protocols/jk/jk_alarms.h"

#include <algorithm>

namespace cellwarden::jk {

void set_alarms(std::uint32_t bits, std::span<const AlarmBit> table, Reading& into) {
  auto& alarms = into.alarms.emplace();
  auto& warnings = into.warnings.emplace();
  for (std::size_t bit = 0; bit < table.size(); ++bit) {
    if (!(bits >> bit & 1) || table[bit].level == AlarmBit::silent) continue;
    auto& raised = table[bit].level == AlarmBit::warning ? warnings : alarms;
    if (std::ranges::find(raised, table[bit].name) == raised.end()) raised.push_back(table[bit].name);
  }
}

}  // namespace cellwarden::jk
