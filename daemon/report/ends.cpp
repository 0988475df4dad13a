// Both ends of the curve: which cell comes there first, who stops there, how far the others are.
#include <algorithm>
#include <array>

#include "daemon/alerts/wording.h"
#include "daemon/report/scene.h"
#include "daemon/report/words.h"

namespace cellwarden::report {

namespace {

std::string cell_or(const Output<int>& cell, const char* otherwise) {
  return cell.value ? cell_text(*cell.value) : otherwise;
}
std::string because(Reason reason) {
  const std::string words = reason_words(reason);
  return words.empty() ? "." : ": " + words + ".";
}
std::string volts(double v, int digits) { return number_text(v, digits, " V"); }

std::string count_text(int count) { return count == 0 ? "none" : std::to_string(count); }

std::string one_ending(bool charge, bool by_bms) {
  return std::string("The one ") + (charge ? "charge" : "discharge") + " of the last 30 days was ended by the " +
         (by_bms   ? "BMS."
          : charge ? "charger."
                   : "load.");
}

/// How the charges (discharges) of the last month ended, as far as somebody ended them.
std::string endings(const Scene& scene, bool charges) {
  constexpr std::chrono::days lately{30};
  std::array<int, stop_names.size()> count{};
  int all = 0;
  const ClosedSegment* cut = nullptr;
  for (const ClosedSegment& segment : scene.facts.segments) {
    if (segment.charge != charges || !segment.ended_at || *segment.ended_at < scene.today() - lately) continue;
    ++all, ++count[static_cast<std::size_t>(segment.cause)];
    if (segment.cause == Stop::bms_cell) cut = &segment;
  }
  const auto of = [&](Stop stop) { return count[static_cast<std::size_t>(stop)]; };
  const int by_bms = of(Stop::bms_cell) + of(Stop::bms_pack) + of(Stop::bms_other);
  const int by_other = charges ? of(Stop::charger) : of(Stop::load);
  if (by_bms + by_other == 0) return {};
  std::string text = all == 1 ? one_ending(charges, by_bms == 1)
                              : "Of the " + std::to_string(all) + (charges ? " charges" : " discharges") +
                                    " of the last 30 days the BMS ended " + count_text(by_bms) +
                                    (charges ? " and the charger " : " and the load ") + count_text(by_other) +
                                    (by_bms + by_other < all ? "; the others stopped before." : ".");
  if (cut && cut->edge_cell && known(cut->edge_v) && cut->ended_at) {
    text += " The last that it ended, on " + date_text(std::chrono::floor<std::chrono::days>(*cut->ended_at)) +
            ", ended with " + cell_text(*cut->edge_cell) + " at " + volts(cut->edge_v, 2) + ".";
  }
  return text;
}

std::string who_ends_the_charge(const Scene& scene) {
  const Insight& i = scene.insight;
  if (!i.charge_verdict.value)
    return "Whether the BMS or the charger ends the next charge is not known" + because(i.charge_verdict.reason);
  const auto& ovp = scene.terms.limits.cell_ovp_v;
  const std::string limit = ovp ? "its limit of " + volts(*ovp, 2) : "its limit",
                    first = cell_or(i.first_full_cell, "a cell");
  const auto& margin = i.charge_margin_mv.value;
  switch (*i.charge_verdict.value) {
    case ChargeVerdict::bms: {
      std::string text = "The BMS and not the charger ends the charge, because " + first + " reaches " + limit;
      if (i.v_pack_at_first_cell_limit.value)
        text += " when the pack as a whole is only at " + volts(*i.v_pack_at_first_cell_limit.value, 1);
      return text + ".";
    }
    case ChargeVerdict::charger:
      return "The charger ends the charge, as it should" +
             (margin ? "; the highest cell then stays about " + number_text(*margin, 0, " mV") +
                           " below the BMS's limit" + (ovp ? " of " + volts(*ovp, 2) : "") + "."
                     : ".");
    case ChargeVerdict::marginal:
      break;
  }
  return "It is a close call whether the BMS or the charger ends the charge" +
         (margin ? ": " + first + " comes within " + number_text(std::abs(*margin), 0, " mV") + " of " + limit + "."
                 : ".");
}

std::string who_ends_the_discharge(const Scene& scene) {
  const Insight& i = scene.insight;
  if (!i.discharge_verdict.value)
    return "Whether the BMS or the load ends a deep discharge is not known" + because(i.discharge_verdict.reason);
  const auto& uvp = scene.terms.limits.cell_uvp_v;
  const std::string limit = uvp ? "its limit of " + volts(*uvp, 2) : "its limit",
                    first = cell_or(i.first_empty_cell, "a cell");
  const auto& margin = i.discharge_margin_mv.value;
  switch (*i.discharge_verdict.value) {
    case DischargeVerdict::bms: {
      std::string text = "The BMS and not the load ends a deep discharge, because " + first + " falls to " + limit;
      if (i.v_pack_at_first_cell_empty.value)
        text += " when the pack as a whole is still at " + volts(*i.v_pack_at_first_cell_empty.value, 1);
      return text + ".";
    }
    case DischargeVerdict::load:
      return "The load lets go before the BMS has to, as it should" +
             (margin
                  ? "; the lowest cell then stays about " + number_text(*margin, 0, " mV") + " above the BMS's limit."
                  : ".");
    case DischargeVerdict::marginal:
      break;
  }
  return "It is a close call whether the BMS or the load ends a deep discharge" +
         (margin ? ": " + first + " comes within " + number_text(std::abs(*margin), 0, " mV") + " of " + limit + "."
                 : ".");
}

/// `least`: known only as "at least so much"; may be empty.
BarChart bars_of(const char* title, const PerCell<double>& ah, const PerCell<double>& least, const Output<int>& first,
                 const char* first_words, const char* words) {
  BarChart chart{.title = title, .bars = {}};
  for (std::size_t n = 0; n < ah.size(); ++n) {
    const int cell = static_cast<int>(n) + 1;
    Bar bar{.label = cell_text(cell), .length = ah[n].value, .text = "not known"};
    if (!bar.length && n < least.size() && least[n].value) bar.length = least[n].value, bar.open = true;
    if (first.value == cell)
      bar.text = first_words, bar.marked = true;
    else if (bar.length && *bar.length < 0.05)
      bar.text = "with it";
    else if (bar.length)
      bar.text = (bar.open ? "at least " : "") + number_text(*bar.length, 1, " Ah ") + words;
    chart.bars.push_back(std::move(bar));
  }
  return chart;
}

struct Furthest {
  int cell = 0;
  double ah = 0;
  bool at_least = false;
};
Furthest furthest_of(const BarChart& chart) {
  Furthest most;
  for (std::size_t n = 0; n < chart.bars.size(); ++n) {
    const Bar& bar = chart.bars[n];
    if (bar.length.value_or(0) > most.ah) most = {static_cast<int>(n) + 1, *bar.length, bar.open};
  }
  return most;
}

/// "; cell 11 may lack more", of which only a bound is known.
std::string may_lack_more(const BarChart& chart, int furthest) {
  std::string cells;
  for (std::size_t n = 0; n < chart.bars.size(); ++n) {
    const int cell = static_cast<int>(n) + 1;
    if (cell != furthest && chart.bars[n].open) cells += (cells.empty() ? "" : ", ") + cell_text(cell);
  }
  return cells.empty() ? "" : "; " + cells + " may lack more";
}

bool any_known(const BarChart& chart) {
  return std::ranges::any_of(chart.bars, [](const Bar& bar) { return bar.length.has_value(); });
}

/// What the chart shows over time: the cells the sentences speak of, and the one furthest behind.
DayChart offsets_over_days(const Scene& scene, int furthest) {
  DayChart chart{.title = "How far each cell was behind when the first was full, by day",
                 .unit = "%",
                 .days = {},
                 .cells = {},
                 .marked = {}};
  const auto cells = static_cast<std::size_t>(scene.cells);
  chart.cells.resize(cells);
  for (const DayPoint& day : scene.facts.days) {
    if (day.offset_pct.size() != cells) continue;
    chart.days.push_back(day.day);
    for (std::size_t n = 0; n < cells; ++n) chart.cells[n].push_back(day.offset_pct[n]);
  }
  const auto mark = [&](int cell) {
    if (cell > 0 && chart.marked.size() < 4 && !std::ranges::count(chart.marked, cell)) chart.marked.push_back(cell);
  };
  for (const int cell : drifting_cells(scene.insight)) mark(cell);
  mark(scene.insight.first_full_cell.value.value_or(0));
  mark(furthest);
  return chart;
}

}  // namespace

Section top_section(const Scene& scene) {
  const Insight& i = scene.insight;
  Section section{.title = "At the top: when the pack is full", .sentences = {}};
  auto& say = section.sentences;
  BarChart chart = bars_of("What each cell still lacks when the first is full", i.offset_top_ah,
                           i.offset_top_at_least_ah, i.first_full_cell, "is full first", "behind");
  const Furthest last = furthest_of(chart);
  if (i.first_full_cell.value) {
    say.push_back(capitalised(cell_text(*i.first_full_cell.value)) + " is full first.");
  } else if (i.first_full_cell.reason == Reason::tie) {
    say.push_back("No single cell is full first: several are full together.");
  } else {
    say.push_back("Which cell is full first is not known" + because(i.first_full_cell.reason));
  }
  if (last.cell > 0) {
    std::string text = "By then " + cell_text(last.cell) + " still lacks most: " + (last.at_least ? "at least " : "") +
                       number_text(last.ah, 1, " Ah");
    if (known(scene.terms.capacity_ah))
      text += ", " + number_text(last.ah / scene.terms.capacity_ah * 100, 1, " % of its charge");
    say.push_back(text + may_lack_more(chart, last.cell) + ".");
  }
  say.push_back(who_ends_the_charge(scene));
  if (auto text = endings(scene, true); !text.empty()) say.push_back(std::move(text));
  if (any_known(chart)) section.bars = std::move(chart);
  if (auto days = offsets_over_days(scene, last.cell); days.days.size() >= 3) section.over_days = std::move(days);
  return section;
}

Section bottom_section(const Scene& scene) {
  const Insight& i = scene.insight;
  Section section{.title = "At the bottom: when the pack is empty", .sentences = {}};
  auto& say = section.sentences;
  BarChart chart = bars_of("What each cell still holds when the first is empty", i.offset_bottom_ah, {},
                           i.first_empty_cell, "is empty first", "left");
  const Furthest most = furthest_of(chart);
  if (i.first_empty_cell.value) {
    say.push_back(capitalised(cell_text(*i.first_empty_cell.value)) + " is empty first.");
    if (most.cell > 0)
      say.push_back("When it is, " + cell_text(most.cell) + " still holds " + number_text(most.ah, 1, " Ah") + ".");
  } else if (i.first_empty_cell.reason == Reason::tie) {
    say.push_back("No single cell is empty first: several are empty together.");
  } else if (i.first_empty_cell.reason == Reason::bottom_never_seen) {
    say.push_back(
        "The pack was never seen near empty, so which cell would be empty first is not known. For a battery that is "
        "never emptied this does not matter.");
  } else {
    say.push_back("Which cell is empty first is not known" + because(i.first_empty_cell.reason));
  }
  if (i.discharge_verdict.value || i.discharge_verdict.reason != i.first_empty_cell.reason)
    say.push_back(who_ends_the_discharge(scene));
  if (auto text = endings(scene, false); !text.empty()) say.push_back(std::move(text));
  if (any_known(chart)) section.bars = std::move(chart);
  return section;
}

}  // namespace cellwarden::report
