#include "daemon/report/sentences.h"

#include <algorithm>

#include "daemon/alerts/wording.h"
#include "daemon/report/scene.h"
#include "daemon/report/words.h"

namespace cellwarden::report {

namespace {

double nominal_cell_v(Chemistry chemistry) {
  switch (chemistry) {
    case Chemistry::nmc:
      return 3.6;
    case Chemistry::lto:
      return 2.3;
    default:
      return 3.2;
  }
}

std::string chemistry_text(Chemistry chemistry) {
  switch (chemistry) {
    case Chemistry::nmc:
      return "NMC";
    case Chemistry::lto:
      return "LTO";
    default:
      return "LFP";
  }
}

std::string subtitle(const Scene& scene) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (scene.cells > 0)
    add(std::to_string(scene.cells) +
        (scene.terms.chemistry ? " " + chemistry_text(scene.terms.chemistry->chemistry) + " cells" : " cells"));
  if (known(scene.terms.capacity_ah)) add(number_text(scene.terms.capacity_ah, 0, " Ah"));
  if (!scene.facts.as_of) return text;
  const auto day = std::chrono::floor<std::chrono::days>(*scene.facts.as_of);
  const std::string date = date_text(day);
  // A recording's own count has no time of day that would mean anything.
  add("as of " + (date.starts_with("day") ? date : date + " " + time_text(*scene.facts.as_of).substr(11)));
  return text + (scene.facts.recorded ? " (from a recording)" : "");
}

std::vector<Figure> figures(const Scene& scene) {
  const Insight& i = scene.insight;
  std::vector<Figure> all;
  if (i.usable_ah.value && known(scene.terms.capacity_ah))
    all.push_back(
        {number_text(*i.usable_ah.value, 0) + " of " + number_text(scene.terms.capacity_ah, 0, " Ah"), "usable"});
  if (i.charge_verdict.value) {
    const auto verdict = *i.charge_verdict.value;
    all.push_back({verdict == ChargeVerdict::bms       ? "the BMS"
                   : verdict == ChargeVerdict::charger ? "the charger"
                                                       : "a close call",
                   "ends the next charge"});
  }
  if (i.offset_top_spread_pct.value) {
    all.push_back(
        {number_text(*i.offset_top_spread_pct.value, 1, " %"), "between the first and the last cell at the top"});
  } else {
    double most = 0;
    for (const auto* list : {&i.offset_top_ah, &i.offset_top_at_least_ah})
      for (const auto& cell : *list) most = std::max(most, cell.value.value_or(0));
    if (most > 0)
      all.push_back({"at least " + number_text(most, 1, " Ah"), "between the first and the last cell at the top"});
  }
  return all;
}

/// A report of what is long past says so before all else.
std::string old_text(const Facts& facts) {
  constexpr std::chrono::days fresh{1};
  if (!facts.as_of || !facts.made || *facts.made - *facts.as_of <= fresh) return {};
  const auto days = std::chrono::duration<double, std::chrono::days::period>(*facts.made - *facts.as_of).count();
  return "This is old: the last reading that is known is from " +
         date_text(std::chrono::floor<std::chrono::days>(*facts.as_of)) + ", " + days_text(days) +
         " ago. Does the service run, and is the pack online?";
}

std::vector<std::string> in_short(const Scene& scene) {
  const Insight& i = scene.insight;
  std::vector<std::string> all;
  if (auto text = old_text(scene.facts); !text.empty()) {
    all.push_back(std::move(text));
    if (i.advice.empty()) return all;
  }
  if (!i.advice.empty()) all.push_back(i.advice);
  std::vector<int> drifting = drifting_cells(i);
  std::erase_if(drifting,
                [&](int cell) { return i.advice.find("ell " + std::to_string(cell) + " ") != std::string::npos; });
  if (!drifting.empty())
    all.push_back(capitalised(cells_text(drifting)) + (drifting.size() == 1 ? " does" : " do") +
                  " not keep charge as the others do: see what has changed.");
  if (!all.empty()) return all;
  if (i.charge_verdict.value == ChargeVerdict::charger && i.balance_state.value)
    return {"This pack is in order: the charger ends its charges, and nothing needs to be done."};
  return {"There is nothing to do now."};
}

}  // namespace

Scene::Scene(const Facts& of) : facts(of), insight(of.insight), terms(of.settings) {
  terms.on_limits(of.limits);
  cells = static_cast<int>(insight.offset_top_ah.size());
  if (cells == 0 && !of.days.empty()) cells = static_cast<int>(of.days.back().r_mohm.size());
  if (cells == 0) cells = terms.limits.cell_count.value_or(0);
}

std::chrono::sys_days Scene::today() const {
  if (facts.made) return std::chrono::floor<std::chrono::days>(*facts.made);
  if (facts.as_of) return std::chrono::floor<std::chrono::days>(*facts.as_of);
  return facts.days.empty() ? std::chrono::sys_days{} : facts.days.back().day;
}

double Scene::kwh(double ah) const {
  return terms.chemistry ? ah * cells * nominal_cell_v(terms.chemistry->chemistry) / 1000 : absent;
}

std::string Scene::ah_and_kwh(double ah) const {
  const std::string text = number_text(ah, 1, " Ah");
  return terms.chemistry && cells > 0 ? text + " (" + about_kwh(kwh(ah)) + ")" : text;
}

std::vector<int> drifting_cells(const Insight& insight) {
  std::vector<int> cells;
  for (std::size_t n = 0; n < insight.drift_significant.size(); ++n)
    if (insight.drift_significant[n].value.value_or(false)) cells.push_back(static_cast<int>(n) + 1);
  return cells;
}

Page page_of(const Facts& facts) {
  const Scene scene(facts);
  Page page{.title = facts.name.empty() ? facts.id : facts.name,
            .subtitle = subtitle(scene),
            .in_short = in_short(scene),
            .figures = figures(scene),
            .sections = {}};
  for (const auto make : {top_section, bottom_section, since_section, cost_section, changes_section, alerts_section,
                          past_alerts_section, advice_section, trust_section}) {
    Section section = make(scene);
    if (!section.sentences.empty()) page.sections.push_back(std::move(section));
  }
  return page;
}

}  // namespace cellwarden::report
