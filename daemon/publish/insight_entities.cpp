// What Home Assistant may see of the insight and of the alerts: one table each, a row per output.
#include <algorithm>
#include <array>

#include "daemon/alerts/alert.h"
#include "daemon/publish/entities.h"

namespace cellwarden {
namespace {

struct Row {
  std::string_view key, name, device_class, unit, state_class;
  int precision;  ///< -1: none
  bool shown;     ///< on the dashboard; else a diagnostic that is not enabled by default
};
constexpr auto measured = "measurement";

// In the JSON and no entity: how an offset was found (`src`), what repeats the offsets (`inaccessible`), how old a
// drift is, what an alert shows (`drift_significant`, `drift_suspect`), lists of words.
// clang-format off
constexpr Row once[] = {
    {"charge_verdict",             "Who ends the charge",               "enum",    "",   "",       -1, true},
    {"charge_margin_mv",           "Margin of the charge",              "voltage", "mV", measured,  0, true},
    {"first_full_cell",            "First full cell",                   "",        "",   "",       -1, true},
    {"first_empty_cell",           "First empty cell",                  "",        "",   "",       -1, true},
    {"offset_top_spread_pct",      "Imbalance at the top",              "",        "%",  measured,  1, true},
    {"usable_ah",                  "Usable capacity",                   "",        "Ah", measured,  1, true},
    {"loss_imbalance_ah",          "Capacity lost to imbalance",        "",        "Ah", measured,  1, true},
    {"loss_mismatch_ah",           "Capacity lost to the weakest cell", "",        "Ah", measured,  1, true},
    {"recommended_charge_v",       "Recommended charge voltage",        "voltage", "V",  measured,  1, true},
    {"class",                      "What limits the pack",              "enum",    "",   "",       -1, true},
    {"balance_state",              "Balance",                           "enum",    "",   "",       -1, true},
    {"discharge_verdict",          "Who ends the discharge",            "enum",    "",   "",       -1, false},
    {"discharge_margin_mv",        "Margin of the discharge",           "voltage", "mV", measured,  0, false},
    {"recommended_lvc_v",          "Recommended load cut-off",          "voltage", "V",  measured,  1, false},
    {"weakest_cell",               "Weakest cell",                      "",        "",   "",       -1, false},
    {"effective_pct",              "Usable share of the capacity",      "",        "%",  measured,  1, false},
    {"balanced_capacity_ah",       "Capacity if balanced",              "",        "Ah", measured,  1, false},
    {"mismatch_pct",               "Capacity mismatch",                 "",        "%",  measured,  1, false},
    {"v_pack_at_first_cell_limit", "Voltage at the first full cell",    "voltage", "V",  measured,  2, false},
    {"v_pack_at_first_cell_empty", "Voltage at the first empty cell",   "voltage", "V",  measured,  2, false},
    {"top_balance_voltage",        "Cell voltage for top balance",      "voltage", "V",  measured,  2, false},
    {"bottom_balance_voltage",     "Cell voltage for bottom balance",   "voltage", "V",  measured,  2, false},
    {"minutes_to_stop",            "Time to the end of the charge",     "duration", "min", measured, 0, false},
    {"minutes_to_empty",           "Time to the end of the discharge",  "duration", "min", measured, 0, false},
    {"delta_top_mv",               "Cells apart at the top",            "voltage", "mV", measured,  0, false},
    {"delta_top_at_v",             "Highest cell when apart at the top", "voltage", "V", measured,  3, false},
    {"delta_rest_mv",              "Cells apart in the last rest",      "voltage", "mV", measured,  0, false},
    {"delta_mid_mv",               "Cells apart in the middle",         "voltage", "mV", measured,  0, false},
    {"delta_bottom_mv",            "Cells apart at the bottom",         "voltage", "mV", measured,  0, false},
    {"balance_days",               "Time to balance",                   "duration", "d", measured,  0, false},
    {"balance_days_least",         "Time to balance at least",          "duration", "d", measured,  0, false},
    {"balance_days_most",          "Time to balance at most",           "duration", "d", measured,  0, false},
    {"equalise_hours",             "Time to equalise",                  "duration", "h", measured,  0, false},
    {"top_balance_quality",        "Quality of the top balance",        "enum",    "",   "",       -1, false},
    {"suggested_balance_kind",     "Balance that suits the use",        "enum",    "",   "",       -1, false},
};
struct YesRow {
  std::string_view key, name;
};
constexpr YesRow yes_or_no[] = {
    {"need_full_charge",         "Full charge wanted"},
    {"balance_never",            "Balancer never gets there"},
    {"balancer_on_plateau",      "Balancer works on the plateau"},
    {"balancer_at_high_current", "Balancer works at high current"},
    {"balancer_conflict",        "Balancer spoils the bottom balance"},
    {"top_balance",              "Top balance advised"},
    {"let_bms_balance",          "BMS can balance by itself"},
    {"equalise_first",           "Equalise before balancing"},
    {"capacity_test_valid",      "Capacity test is valid"},
};
constexpr std::string_view advice = "advice";

struct CellRow {
  std::string_view list, before, after, name, unit;
  int precision;
};
constexpr CellRow each_cell[] = {
    {"offset_top_pct",         "offset_top_",          "_pct",  "behind at the top",          "%",  1},
    {"offset_top_ah",          "offset_top_",          "_ah",   "missing at the top",         "Ah", 1},
    {"offset_top_at_least_ah", "offset_top_at_least_", "_ah",   "missing at the top or more", "Ah", 1},
    {"offset_bottom_ah",       "offset_bottom_",       "_ah",   "left at the bottom",         "Ah", 1},
    {"capacity_ah",            "capacity_",            "_ah",   "capacity",                   "Ah", 1},
    {"r_mohm",                 "r_",                   "_mohm", "resistance",                 "mΩ", 2},
    {"r_excess_pct",           "r_excess_",            "_pct",  "resistance above the others", "%", 0},
    {"drift_pp_day",           "drift_",               "_pp_day", "drift",                    "%/d", 3},
    {"days_to_alarm",          "days_to_",             "_alarm", "time until it matters",     "d",  0},
    {"equivalent_leak_ma",     "equivalent_leak_",     "_ma",   "leak",                       "mA", 1},
    {"tau_h_day",              "tau_",                 "_h_day", "balanced a day",            "h",  2},
    {"rest_drop_mv",           "rest_drop_",           "_mv",   "drop after the charge",      "mV", 0},
};

struct AlertRow {
  AlertKind kind;
  std::string_view name;
  bool shown;
};
// pack_offline is what Connection shows.
constexpr AlertRow alert_rows[] = {
    {AlertKind::cell_delta,           "Cells apart",                  true},
    {AlertKind::cell_delta_top,       "Cells apart near full",        true},
    {AlertKind::cell_delta_radical,   "Cells radically apart",        true},
    {AlertKind::offset_top,           "Imbalance at the top high",    true},
    {AlertKind::cell_near_ovp,        "Cell near overvoltage",        true},
    {AlertKind::cell_near_uvp,        "Cell near undervoltage",       true},
    {AlertKind::charge_cut_by_bms,    "BMS ends the charge",          true},
    {AlertKind::discharge_cut_by_bms, "BMS ends the discharge",       true},
    {AlertKind::limit_audit,          "Settings contradict",          true},
    {AlertKind::implausible_cell,     "Cell voltage impossible",      true},
    {AlertKind::cell_delta_rest,      "Cells apart at rest",          false},
    {AlertKind::cell_delta_bottom,    "Cells apart near empty",       false},
    {AlertKind::resistance,           "Cell resistance high",         false},
    {AlertKind::drift,                "Cell drifts",                  false},
    {AlertKind::drift_suspect,        "Cell may drift",               false},
    {AlertKind::need_full_charge,     "Full charge needed",           false},
};
// clang-format on
static_assert(std::size(alert_rows) + 1 == own_alert_names.size());

std::string alert_key(AlertKind kind) { return "alert_" + std::string(name(kind)); }

/// All values of an enum that has names.
template <class E>
std::vector<std::string> names(std::size_t count) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) all.emplace_back(name(static_cast<E>(i)));
  return all;
}
std::vector<std::string> options_of(std::string_view key) {
  if (key == "charge_verdict") return names<ChargeVerdict>(3);
  if (key == "discharge_verdict") return names<DischargeVerdict>(3);
  if (key == "class") return names<PackClass>(5);
  if (key == "balance_state") return names<BalanceState>(5);
  if (key == "top_balance_quality") return names<TopBalanceQuality>(3);
  if (key == "suggested_balance_kind") return names<BalanceKind>(2);
  return {};
}

Entity sensor(std::string key, std::string name, bool shown, int precision) {
  Entity entity;
  entity.key = std::move(key), entity.platform = "sensor", entity.name = std::move(name);
  entity.diagnostic = !shown, entity.enabled = shown;
  if (precision >= 0) entity.precision = precision;
  entity.topic = Entity::Topic::insight;
  return entity;
}

}  // namespace

void learn(Shape& shape, const Insight& insight) {
  if (!insight.advice.empty()) shape.insert(std::string(advice));
  std::size_t cells = 0;
  each_output(insight, [&]<class T>(std::string_view key, const T& output) {
    if constexpr (requires { output.value; }) {
      const bool has_row = std::ranges::find(once, key, &Row::key) != std::end(once) ||
                           std::ranges::find(yes_or_no, key, &YesRow::key) != std::end(yes_or_no);
      if (output.value && has_row) shape.insert(std::string(key));
    } else {
      cells = std::max(cells, output.size());
      const auto row = std::ranges::find(each_cell, key, &CellRow::list);
      if (row == std::end(each_cell)) return;
      for (std::size_t i = 0; i < output.size(); ++i)
        if (output[i].value) shape.insert(std::string(row->before) + std::to_string(i + 1) + std::string(row->after));
    }
  });
  std::erase_if(shape, [&](const std::string& key) {
    return cells > 0 && std::ranges::any_of(each_cell, [&](const CellRow& row) {
             return number_in(key, row.before, row.after) > static_cast<int>(cells);
           });
  });
}

void learn_alerts(Shape& shape, bool own) {
  for (const auto& row : alert_rows) {
    if (own || row.kind != AlertKind::cell_delta) shape.insert(alert_key(row.kind));
  }
}

void add_insight_entities(const Shape& shape, std::vector<Entity>& all) {
  if (shape.contains(std::string(advice))) {
    Entity entity = sensor(std::string(advice), "Advice", true, -1);
    entity.value = advice, entity.when_null = "Nothing to do";
    all.push_back(std::move(entity));
  }
  for (const auto& row : once) {
    const std::string key(row.key);
    if (!shape.contains(key)) continue;
    Entity entity = sensor(key, std::string(row.name), row.shown, row.precision);
    entity.device_class = row.device_class, entity.unit = row.unit, entity.state_class = row.state_class;
    entity.value = key, entity.options = options_of(row.key);
    all.push_back(std::move(entity));
  }
  for (const auto& row : yes_or_no) {
    if (!shape.contains(std::string(row.key))) continue;
    Entity entity = sensor(std::string(row.key), std::string(row.name), false, -1);
    entity.platform = "binary_sensor", entity.value = row.key;
    all.push_back(std::move(entity));
  }
  for (const auto& row : each_cell) {
    int most = 0;
    for (const auto& key : shape) most = std::max(most, number_in(key, row.before, row.after));
    for (int n = 1; n <= most; ++n) {
      const std::string number = std::to_string(n), key = std::string(row.before) + number + std::string(row.after);
      if (!shape.contains(key)) continue;
      Entity entity = sensor(key, "Cell " + number + " " + std::string(row.name), false, row.precision);
      entity.unit = row.unit, entity.state_class = measured;
      entity.value = std::string(row.list) + "[" + std::to_string(n - 1) + "]";
      all.push_back(std::move(entity));
    }
  }
}

void add_alert_entities(const Shape& shape, std::vector<Entity>& all) {
  for (const auto& row : alert_rows) {
    const std::string key = alert_key(row.kind);
    if (!shape.contains(key)) continue;
    Entity entity;
    entity.key = entity.value = key, entity.platform = "binary_sensor", entity.name = row.name;
    entity.device_class = "problem", entity.diagnostic = !row.shown, entity.enabled = row.shown;
    all.push_back(std::move(entity));
  }
}

}  // namespace cellwarden
