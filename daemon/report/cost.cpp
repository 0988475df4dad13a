// Since when the pack is out of balance, and what that costs.
#include <algorithm>

#include "daemon/alerts/wording.h"
#include "daemon/report/changes.h"
#include "daemon/report/scene.h"
#include "daemon/report/words.h"

namespace cellwarden::report {

namespace {

void say_losses(const Scene& scene, std::vector<std::string>& say) {
  const Insight& i = scene.insight;
  const double worth_naming = known(scene.terms.capacity_ah) ? 0.003 * scene.terms.capacity_ah : 0;
  if (const auto& ah = i.loss_imbalance_ah.value) {
    say.push_back(*ah > worth_naming
                      ? "Imbalance takes " + scene.ah_and_kwh(*ah) + " of it: balancing the cells gives that back."
                      : "Imbalance takes nothing worth naming.");
  }
  if (const auto& ah = i.loss_mismatch_ah.value) {
    const std::string who =
        i.weakest_cell.value ? cell_text(*i.weakest_cell.value) + ", the weakest," : "the smallest cell";
    if (*ah > worth_naming)
      say.push_back("Another " + scene.ah_and_kwh(*ah) + " are missing because " + who +
                    " holds less than the others: no balancing gives that back, only another cell.");
  }
}

/// Here its pack is known, and its beginning is told as all dates are.
std::string alert_text(const Alert& alert) {
  std::string text = alert.text;
  if (const std::string pack = alert.pack + ": "; text.starts_with(pack)) text.erase(0, pack.size());
  if (!text.empty() && text.back() != '.') text += '.';
  if (!alert.since) return capitalised(std::move(text));
  const std::string since = ", since " + time_text(*alert.since);
  if (const auto at = text.find(since); at != std::string::npos) text.erase(at, since.size());
  return "Since " + date_text(std::chrono::floor<std::chrono::days>(*alert.since)) + ": " + text;
}

}  // namespace

Section since_section(const Scene& scene) {
  Section section{.title = "Since when", .sentences = {}};
  if (scene.facts.days.empty()) return section;
  const auto& first = scene.facts.days.front().day;
  const auto trouble = present_trouble(scene.facts.days, scene.facts.settings.thresholds);
  if (!trouble) {
    section.sentences.push_back("The cells are near enough together and the BMS ends no charge. It is watched since " +
                                date_text(first) + ".");
    return section;
  }
  std::string text = trouble->from_the_first ? "It is so since the pack is watched, " + date_text(trouble->since)
                                             : "It is so since " + date_text(trouble->since);
  text += ": ";
  if (trouble->cut_by_bms > 0) {
    text += "the BMS has ended " +
            (trouble->cut_by_bms == 1 ? std::string("one charge") : std::to_string(trouble->cut_by_bms) + " charges") +
            " since";
  } else {
    text += "the cells have been more than " + number_text(scene.facts.settings.thresholds.unbalanced_pp, 1, " %") +
            " apart at the top";
  }
  section.sentences.push_back(text + ".");
  return section;
}

Section cost_section(const Scene& scene) {
  const Insight& i = scene.insight;
  Section section{.title = "What it costs", .sentences = {}};
  auto& say = section.sentences;
  if (i.usable_ah.value) {
    std::string text =
        "Of " + (known(scene.terms.capacity_ah) ? number_text(scene.terms.capacity_ah, 0, " Ah") : "the capacity") +
        ", " + scene.ah_and_kwh(*i.usable_ah.value) + " can be used between the first full and the first empty cell";
    say.push_back(text + ".");
    say_losses(scene, say);
  } else {
    const std::string why = reason_words(i.usable_ah.reason);
    say.push_back("How much of the pack can be used is not known" + (why.empty() ? "." : ": " + why + ".") +
                  (i.usable_ah.reason == Reason::bottom_never_seen && i.first_full_cell.value
                       ? " What the others lack at the top is lost only if they are not the first to be empty."
                       : ""));
  }
  if (scene.facts.energy) {
    const auto& [in, out] = *scene.facts.energy;
    if (in > 0 || out > 0)
      say.push_back("Counted so far: " + number_text(in, in < 10 ? 2 : 0, " kWh") + " in, " +
                    number_text(out, out < 10 ? 2 : 0, " kWh") + " out.");
  }
  return section;
}

Section alerts_section(const Scene& scene) {
  Section section{.title = "Alerts that stand", .sentences = {}, .listed = true};
  for (const Alert& alert : scene.facts.standing) section.sentences.push_back(alert_text(alert));
  return section;
}

/// What comes every day is one line, with how often it came.
Section past_alerts_section(const Scene& scene) {
  constexpr std::size_t most = 8;
  Section section{.title = "The last alerts, newest first", .sentences = {}, .listed = true};
  const auto& told = scene.facts.told;
  const auto same = [](const PastAlert& a, const PastAlert& b) { return a.kind == b.kind && a.cell == b.cell; };
  for (auto at = told.rbegin(); at != told.rend() && section.sentences.size() < most; ++at) {
    if (!at->raised ||
        std::any_of(told.rbegin(), at, [&](const auto& other) { return other.raised && same(other, *at); }))
      continue;
    std::string text = at->text;
    if (const std::string pack = scene.facts.id + ": "; text.starts_with(pack)) text.erase(0, pack.size());
    // Its beginning is told as all dates are.
    const std::string since = ", since ", utc = " UTC";
    if (const auto from = text.find(since); from != std::string::npos)
      if (const auto to = text.find(utc, from); to != std::string::npos) text.erase(from, to + utc.size() - from);
    const auto day = at->at ? date_text(std::chrono::floor<std::chrono::days>(*at->at)) : std::string();
    const std::string when = !at->at                  ? "Not known when"
                             : day.starts_with("day") ? capitalised(day)
                                                      : day + time_text(*at->at).substr(10);
    const auto times = std::ranges::count_if(told, [&](const auto& other) { return other.raised && same(other, *at); });
    section.sentences.push_back(when + ": " + text + (text.ends_with('.') ? "" : ".") +
                                (times > 1 ? " It came " + std::to_string(times) + " times lately." : ""));
  }
  return section;
}

}  // namespace cellwarden::report
