#include "daemon/report/report_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "daemon/alerts/alert_json.h"
#include "daemon/analysis/insight_json.h"
#include "daemon/report/changes.h"
#include "daemon/report/scene.h"
#include "protocols/battery_json.h"

namespace cellwarden::report {

namespace {

using Json = nlohmann::ordered_json;

Json number_json(double value) {
  if (!std::isfinite(value)) return nullptr;
  const double rounded = std::round(value * 1000) / 1000;
  return rounded == 0 ? 0.0 : rounded;
}
Json number_json(const std::optional<double>& value) { return value ? number_json(*value) : Json(nullptr); }
Json list_json(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(number_json(value));
  return list;
}
std::string day_text(std::chrono::sys_days day) { return utc_text(day).substr(0, 10); }

Json sections_json(const Page& page) {
  Json all = Json::array();
  for (const Section& section : page.sections)
    all.push_back({{"title", section.title}, {"sentences", section.sentences}});
  return all;
}

Json day_json(const DayPoint& day) {
  return {{"day", day_text(day.day)},
          {"charged_ah", number_json(day.charged_ah)},
          {"discharged_ah", number_json(day.discharged_ah)},
          {"highest_v", number_json(day.highest_v)},
          {"lowest_v", number_json(day.lowest_v)},
          {"charges", day.charges},
          {"cut_by_bms", day.cut_by_bms},
          {"usable_ah", number_json(day.usable_ah)},
          {"charge_margin_mv", number_json(day.margin_mv)},
          {"offset_top_pct", list_json(day.offset_pct)},
          {"r_mohm", list_json(day.r_mohm)}};
}

Json since_json(const std::optional<Trouble>& trouble) {
  if (!trouble) return nullptr;
  return {{"day", day_text(trouble->since)},
          {"from_the_first", trouble->from_the_first},
          {"charges_cut_by_bms", trouble->cut_by_bms}};
}

}  // namespace

Json report_json(const Facts& facts, const Page& page) {
  const Scene scene(facts);
  Json all;
  all["pack"] = facts.id;
  all["name"] = facts.name.empty() ? Json(nullptr) : Json(facts.name);
  all["as_of"] = facts.as_of ? Json(utc_text(*facts.as_of)) : Json(nullptr);
  all["made_at"] = facts.made ? Json(utc_text(*facts.made)) : Json(nullptr);
  all["recorded"] = facts.recorded;
  all["cells"] = scene.cells > 0 ? Json(scene.cells) : Json(nullptr);
  all["capacity_ah"] = number_json(scene.terms.capacity_ah);
  all["in_short"] = page.in_short;
  all["sections"] = sections_json(page);
  all["insight"] = to_json(facts.insight);
  const auto kwh = [&](const Output<double>& ah) { return number_json(ah.value ? scene.kwh(*ah.value) : absent); };
  all["about_kwh"] = {{"usable", kwh(facts.insight.usable_ah)},
                      {"loss_imbalance", kwh(facts.insight.loss_imbalance_ah)},
                      {"loss_mismatch", kwh(facts.insight.loss_mismatch_ah)}};
  all["energy"] = Json(to_json(facts.energy));
  all["unbalanced_since"] = since_json(present_trouble(facts.days, facts.settings.thresholds));
  all["resistance_steps"] = Json::array();
  for (const auto& step : resistance_steps(facts.days))
    all["resistance_steps"].push_back({{"day", day_text(step.day)},
                                       {"cell", step.cell},
                                       {"before_mohm", number_json(step.before_mohm)},
                                       {"after_mohm", number_json(step.after_mohm)}});
  all["without_full_charge"] = Json::array();
  for (const auto& drought : droughts(facts.days, scene.today()))
    all["without_full_charge"].push_back(
        {{"from", day_text(drought.from)}, {"to", drought.stands ? Json(nullptr) : Json(day_text(drought.to))}});
  all["drift_began"] = Json::object();
  for (const int cell : drifting_cells(facts.insight)) {
    const auto day = drift_began(facts.days, cell);
    all["drift_began"][std::to_string(cell)] = day ? Json(day_text(*day)) : Json(nullptr);
  }
  all["alerts"] = to_json(facts.standing);
  all["alert_log"] = Json::array();
  for (const PastAlert& told : facts.told)
    all["alert_log"].push_back({{"at", told.at ? Json(utc_text(*told.at)) : Json(nullptr)},
                                {"raised", told.raised},
                                {"alert", told.kind},
                                {"level", told.level},
                                {"cell", told.cell ? Json(*told.cell) : Json(nullptr)},
                                {"text", told.text}});
  all["days"] = Json::array();
  for (const DayPoint& day : facts.days) all["days"].push_back(day_json(day));
  return all;
}

}  // namespace cellwarden::report
