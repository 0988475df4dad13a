// What Home Assistant may see of a bank: one table, a row per quantity.
#include <array>

#include "daemon/publish/entities.h"

namespace cellwarden {
namespace {

struct Row {
  std::string_view key, name, device_class, unit, state_class;
  enum Shown { plain, diagnostic, hidden } shown;  ///< hidden: diagnostic, and not enabled by default
  int precision;                                   ///< -1: none
  std::string_view when_null = {}, platform = "sensor";
};
constexpr auto measured = "measurement";

// clang-format off
constexpr Row rows[] = {
    {"pack_v",                     "Voltage",                       "voltage",  "V",   measured, Row::plain,       2},
    {"current_a",                  "Current",                       "current",  "A",   measured, Row::plain,       1},
    {"power_w",                    "Power",                         "power",    "W",   measured, Row::plain,       0},
    {"soc_pct",                    "State of charge",               "battery",  "%",   measured, Row::plain,       1},
    {"usable_now_ah",              "Usable now",                    "",         "Ah",  measured, Row::plain,       1},
    {"chargeable_now_ah",          "Chargeable now",                "",         "Ah",  measured, Row::plain,       1},
    {"installed_ah",               "Installed capacity",            "",         "Ah",  measured, Row::plain,       0},
    {"remaining_ah",               "Remaining capacity",            "",         "Ah",  measured, Row::plain,       1},
    {"headroom_ah",                "Room until full",               "",         "Ah",  measured, Row::diagnostic,  1},
    {"cell_max_v",                 "Highest cell voltage",          "voltage",  "V",   measured, Row::plain,       3},
    {"cell_max_pack",              "Pack of the highest cell",      "",         "",    "",       Row::diagnostic, -1},
    {"cell_max_n",                 "Highest cell",                  "",         "",    "",       Row::diagnostic, -1},
    {"cell_min_v",                 "Lowest cell voltage",           "voltage",  "V",   measured, Row::plain,       3},
    {"cell_min_pack",              "Pack of the lowest cell",       "",         "",    "",       Row::diagnostic, -1},
    {"cell_min_n",                 "Lowest cell",                   "",         "",    "",       Row::diagnostic, -1},
    {"cell_delta_mv",              "Cell voltage difference",       "voltage",  "mV",  measured, Row::hidden,      0},
    {"pack_v_spread_v",            "Packs apart",                   "voltage",  "V",   measured, Row::hidden,      2},
    {"members",                    "Packs",                         "",         "",    "",       Row::hidden,     -1},
    {"fresh_members",              "Packs heard",                   "",         "",    "",       Row::plain,      -1},
    {"charge_verdict",             "Who ends the charge",           "enum",     "",    "",       Row::plain,      -1},
    {"first_full_pack",            "First full pack",               "",         "",    "",       Row::plain,      -1},
    {"first_full_cell",            "First full cell",               "",         "",    "",       Row::plain,      -1},
    {"charge_margin_mv",           "Margin of the charge",          "voltage",  "mV",  measured, Row::plain,       0},
    {"minutes_to_stop",            "Time to the end of the charge", "duration", "min", measured, Row::hidden,      0},
    {"v_pack_at_first_cell_limit", "Voltage at the first full cell", "voltage", "V",   measured, Row::hidden,      2},
    {"advice",                     "Advice",                        "",         "",    "",       Row::plain,      -1, "Not known yet"},
    {"problem",                    "What is wrong",                 "",         "",    "",       Row::plain,      -1, "Nothing"},
    {"charge_on",                  "Charge switch",                 "",         "",    "",       Row::diagnostic, -1, "", "binary_sensor"},
    {"discharge_on",               "Discharge switch",              "",         "",    "",       Row::diagnostic, -1, "", "binary_sensor"},
};
// clang-format on

}  // namespace

std::vector<Entity> bank_entities() {
  std::vector<Entity> all;
  for (const Row& row : rows) {
    Entity entity{.key = std::string(row.key),
                  .platform = std::string(row.platform),
                  .name = std::string(row.name),
                  .device_class = std::string(row.device_class),
                  .unit = std::string(row.unit),
                  .state_class = std::string(row.state_class),
                  .diagnostic = row.shown != Row::plain,
                  .enabled = row.shown != Row::hidden,
                  .precision = row.precision < 0 ? std::nullopt : std::optional(row.precision),
                  .value = std::string(row.key),
                  .when_null = std::string(row.when_null)};
    if (row.key == "charge_verdict") {
      for (const auto verdict : {ChargeVerdict::bms, ChargeVerdict::charger, ChargeVerdict::marginal})
        entity.options.emplace_back(name(verdict));
    }
    all.push_back(std::move(entity));
  }
  return all;
}

}  // namespace cellwarden
