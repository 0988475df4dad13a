// What has changed with the time.
#include <algorithm>
#include <cmath>

#include "daemon/alerts/wording.h"
#include "daemon/report/changes.h"
#include "daemon/report/scene.h"
#include "daemon/report/words.h"

namespace cellwarden::report {

namespace {

template <class T>
const Output<T>& of_cell(const PerCell<T>& cells, int cell) {
  static const Output<T> none;
  const auto at = static_cast<std::size_t>(cell) - 1;
  return at < cells.size() ? cells[at] : none;
}

constexpr double stale_days = 14;

std::string drift_text(const Scene& scene, int cell) {
  const Insight& i = scene.insight;
  const auto& slope = of_cell(i.drift_pp_day, cell).value;
  const bool gains = slope && *slope < 0;
  std::string text =
      capitalised(cell_text(cell)) + (gains ? " gains charge against the others" : " loses charge against the others");
  if (const auto began = drift_began(scene.facts.days, cell)) text += ", since about " + date_text(*began);
  if (!slope) return text + ": it is no longer full with them. How fast is not known.";
  text += ": " + number_text(std::abs(*slope), 3, " % of its charge a day");
  if (gains) return text + ". Either the others leak, or something charges this cell alone.";
  if (const auto& leak = of_cell(i.equivalent_leak_ma, cell).value)
    text += ", as if " + number_text(*leak, 0, " mA") + " flowed out of it day and night";
  text += ".";
  const auto& ago = of_cell(i.drift_measured_days_ago, cell).value;
  const auto& now = scene.facts.made ? scene.facts.made : scene.facts.as_of;
  if (ago && *ago > stale_days && now) {
    const auto then = *now - std::chrono::seconds(std::llround(*ago * 86400));
    text += " That was last measured on " + date_text(std::chrono::floor<std::chrono::days>(then)) +
            "; since then this cell no longer gets full enough to measure it.";
  }
  if (const auto& days = of_cell(i.days_to_alarm, cell).value)
    text += *days < 1 ? " It is far enough behind to matter now."
                      : " It matters in " + days_text(*days) + ", if it goes on so.";
  return text;
}

void say_drift(const Scene& scene, std::vector<std::string>& say) {
  for (const int cell : drifting_cells(scene.insight)) say.push_back(drift_text(scene, cell));
  const auto& suspects = scene.insight.drift_suspect;
  for (std::size_t n = 0; n < suspects.size(); ++n) {
    if (!suspects[n].value.value_or(false)) continue;
    say.push_back(capitalised(cell_text(static_cast<int>(n) + 1)) +
                  " is no longer full with the others: one whole charge would show whether it loses charge.");
  }
  const auto& judged = scene.insight.drift_significant;
  if (say.empty() && !judged.empty() &&
      std::ranges::all_of(judged, [](const auto& cell) { return cell.value.has_value(); }))
    say.push_back("No cell loses charge against the others.");
}

std::string step_text(const ResistanceStep& step) {
  const bool better = step.after_mohm < step.before_mohm;
  return "On " + date_text(step.day) + " " + cell_text(step.cell) + "'s connection got " +
         (better ? "better: " : "worse: ") + number_text(step.before_mohm, 2) + " to " +
         number_text(step.after_mohm, 2, " mOhm") +
         (better ? " (a bus bar was tightened?)." : " (a loose or corroded bus bar?).");
}

std::string drought_text(const Drought& drought) {
  const auto days = static_cast<double>((drought.to - drought.from).count());
  if (drought.stands)
    return "The pack was last full on " + date_text(drought.from) + ", " + days_text(days) +
           " ago: how its cells stand may have changed since.";
  return "From " + date_text(drought.from) + " to " + date_text(drought.to) + " (" + days_text(days) +
         ") the pack was not full once, and how its cells stood could not be seen.";
}

DayChart resistance_over_days(const Scene& scene, const std::vector<ResistanceStep>& steps) {
  DayChart chart{.title = "Resistance of each cell and its connections, by day",
                 .unit = "mOhm",
                 .days = {},
                 .cells = {},
                 .marked = {}};
  const auto cells = static_cast<std::size_t>(scene.cells);
  chart.cells.resize(cells);
  for (const DayPoint& day : scene.facts.days) {
    if (day.r_mohm.size() != cells) continue;
    chart.days.push_back(day.day);
    for (std::size_t n = 0; n < cells; ++n) chart.cells[n].push_back(day.r_mohm[n]);
  }
  for (const auto& step : steps)
    if (chart.marked.size() < 4 && !std::ranges::count(chart.marked, step.cell)) chart.marked.push_back(step.cell);
  return chart;
}

}  // namespace

Section changes_section(const Scene& scene) {
  Section section{.title = "What has changed", .sentences = {}, .listed = true};
  say_drift(scene, section.sentences);
  const auto steps = resistance_steps(scene.facts.days);
  for (const auto& step : steps) section.sentences.push_back(step_text(step));
  for (const auto& drought : droughts(scene.facts.days, scene.today()))
    section.sentences.push_back(drought_text(drought));
  if (section.sentences.empty() && !scene.facts.days.empty())
    section.sentences.push_back("Nothing that would show yet: it takes some weeks of charges.");
  if (!steps.empty()) section.over_days = resistance_over_days(scene, steps);
  return section;
}

}  // namespace cellwarden::report
