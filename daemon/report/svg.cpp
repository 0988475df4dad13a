#include "daemon/report/svg.h"

#include <algorithm>
#include <cmath>

#include "daemon/alerts/wording.h"
#include "daemon/analysis/cells.h"
#include "daemon/report/words.h"

namespace cellwarden::report {

namespace {

constexpr double width = 720;

std::string attribute(const char* name, double value) {
  return " " + std::string(name) + "=\"" + number_text(value, value == std::floor(value) ? 0 : 1) + "\"";
}
std::string text_at(double x, double y, const char* kind, const std::string& text) {
  return "<text" + attribute("x", x) + attribute("y", y) + " class=\"" + kind + "\">" + escaped(text) + "</text>\n";
}
std::string line_at(double x1, double y1, double x2, double y2, const char* kind) {
  return "<line" + attribute("x1", x1) + attribute("y1", y1) + attribute("x2", x2) + attribute("y2", y2) + " class=\"" +
         kind + "\"/>\n";
}
std::string opened(double height, const std::string& title) {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number_text(width, 0) + " " +
         number_text(height, 0) + "\" role=\"img\" aria-label=\"" + escaped(title) + "\">\n";
}

/// 1, 2 or 5 times a power of ten, so that about four of them reach `most`.
double round_step(double most) {
  const double rough = most / 4, power = std::pow(10, std::floor(std::log10(rough)));
  for (const double times : {1.0, 2.0, 5.0})
    if (times * power >= rough) return times * power;
  return 10 * power;
}

/// Where days and values stand on the paper.
struct Paper {
  static constexpr double left = 46, right = width - 10, top = 30, bottom = 232, height = 262;
  std::chrono::sys_days first, last;
  double most;

  double x(std::chrono::sys_days day) const {
    const auto all = static_cast<double>(std::max(1L, static_cast<long>((last - first).count())));
    return left + static_cast<double>((day - first).count()) / all * (right - left);
  }
  double y(double value) const { return bottom - std::clamp(value / most, 0.0, 1.0) * (bottom - top); }
};

std::string axes(const Paper& paper, const std::string& unit) {
  std::string all;
  const double step = round_step(paper.most);
  const int digits = step < 0.1 ? 2 : step < 1 ? 1 : 0;
  const int lines = static_cast<int>(paper.most * 1.001 / step);
  for (int line = 0; line <= lines; ++line) {
    const double at = line * step;
    all += line_at(Paper::left, paper.y(at), Paper::right, paper.y(at), line == 0 ? "axis" : "grid");
    all += text_at(Paper::left - 6, paper.y(at) + 4, "number", number_text(at, digits));
  }
  all += text_at(4, 14, "unit", unit);
  const long days = static_cast<long>((paper.last - paper.first).count());
  const long parts = std::clamp(days, 1L, 5L);
  for (long part = 0; part <= parts; ++part) {
    const auto day = paper.first + std::chrono::days(days * part / parts);
    const char* kind = part == 0 ? "day first" : part == parts ? "day last" : "day";
    all += text_at(paper.x(day), Paper::bottom + 20, kind, short_date_text(day));
  }
  return all;
}

/// One cell's line; broken where it was not seen for two weeks, a dot where it was seen but once.
std::string curve(const DayChart& chart, std::size_t cell, const Paper& paper, const std::string& kind,
                  std::size_t every) {
  constexpr std::chrono::days longest{14};
  std::string all, points;
  std::size_t count = 0;
  double x = 0, y = 0;
  std::chrono::sys_days before{};
  const auto finish = [&] {
    if (count == 1)
      all += "<circle" + attribute("cx", x) + attribute("cy", y) + " r=\"2\" class=\"dot " + kind + "\"/>\n";
    else if (count > 1)
      all += "<polyline class=\"curve " + kind + "\" points=\"" + points + "\"/>\n";
    points.clear(), count = 0;
  };
  for (std::size_t n = 0; n < chart.days.size(); n += every) {
    const double value = chart.cells[cell][n];
    if (!known(value)) continue;
    if (count > 0 && chart.days[n] - before > longest + std::chrono::days(every)) finish();
    before = chart.days[n], x = paper.x(before), y = paper.y(value);
    points += (count++ > 0 ? " " : "") + number_text(x, 1) + "," + number_text(y, 1);
  }
  finish();
  return all;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string all;
  for (const char c : text) {
    switch (c) {
      case '&':
        all += "&amp;";
        break;
      case '<':
        all += "&lt;";
        break;
      case '>':
        all += "&gt;";
        break;
      case '"':
        all += "&quot;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') all += c;
    }
  }
  return all;
}

std::string svg_of(const BarChart& chart) {
  constexpr double row = 24, left = 66, most_width = width - left - 170;
  double longest = 0;
  for (const Bar& bar : chart.bars) longest = std::max(longest, bar.length.value_or(0));
  std::string all = opened(row * static_cast<double>(chart.bars.size()) + 4, chart.title);
  double y = 2;
  for (const Bar& bar : chart.bars) {
    const double length = longest > 0 ? bar.length.value_or(0) / longest * most_width : 0;
    all += text_at(left - 8, y + 16, "number", bar.label);
    all += "<rect" + attribute("x", left) + attribute("y", y + 3) +
           attribute("width", std::max(length, bar.length ? 2.0 : 0.0)) + attribute("height", row - 7) +
           " rx=\"3\" class=\"" +
           (bar.marked ? "bar marked"
            : bar.open ? "bar open"
                       : "bar") +
           "\"/>\n";
    all += text_at(left + length + 8, y + 16, bar.length ? "value" : "value pale", bar.text);
    y += row;
  }
  return all + "</svg>\n";
}

std::string svg_of(const DayChart& chart) {
  if (chart.days.empty()) return {};
  double most = 0;
  for (const auto& cell : chart.cells)
    for (const double value : cell) most = std::fmax(most, value);
  const Paper paper{chart.days.front(), chart.days.back(), most > 0 ? most * 1.05 : 1};
  constexpr std::size_t most_points = 400;
  const std::size_t every = 1 + chart.days.size() / most_points;
  std::string all = opened(Paper::height, chart.title) + axes(paper, chart.unit);
  const auto is_marked = [&](std::size_t cell) {
    return std::ranges::count(chart.marked, static_cast<int>(cell) + 1) > 0;
  };
  for (std::size_t cell = 0; cell < chart.cells.size(); ++cell)
    if (!is_marked(cell)) all += curve(chart, cell, paper, "others", every);
  double x = Paper::left + 16;  // after the unit
  for (std::size_t n = 0; n < chart.marked.size(); ++n) {
    const std::string kind = "c" + std::to_string(n + 1);
    all += curve(chart, static_cast<std::size_t>(chart.marked[n]) - 1, paper, kind, every);
    all += "<rect" + attribute("x", x) + " y=\"6\" width=\"14\" height=\"4\" class=\"key " + kind + "\"/>\n";
    all += text_at(x + 20, 13, "value", cell_text(chart.marked[n]));
    x += 90;
  }
  if (chart.marked.size() < chart.cells.size()) {
    all += "<rect" + attribute("x", x) + " y=\"6\" width=\"14\" height=\"4\" class=\"key others\"/>\n";
    all += text_at(x + 20, 13, "value", chart.marked.empty() ? "each cell" : "the others");
  }
  return all + "</svg>\n";
}

}  // namespace cellwarden::report
