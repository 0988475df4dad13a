#include "daemon/report/text.h"

#include <algorithm>
#include <cmath>

namespace cellwarden::report {

namespace {

constexpr std::size_t line_width = 78, chart_width = 32;

/// Broken at spaces; every line but the first begins with `indent`.
std::string wrapped(const std::string& text, const std::string& first, const std::string& indent) {
  std::string all, line = first;
  bool empty = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    if (!empty && line.size() + 1 + word.size() > line_width) all += line + '\n', line = indent, empty = true;
    line += (empty ? "" : " ") + word;
    empty = false;
  }
  return all + line + '\n';
}

std::string drawn(const BarChart& chart) {
  double longest = 0;
  std::size_t label = 0;
  for (const Bar& bar : chart.bars) {
    longest = std::max(longest, bar.length.value_or(0));
    label = std::max(label, bar.label.size());
  }
  std::string all = '\n' + wrapped(chart.title + ":", "  ", "  ");
  for (const Bar& bar : chart.bars) {
    std::size_t marks = 0;
    if (bar.length && longest > 0)
      marks = static_cast<std::size_t>(std::lround(*bar.length / longest * static_cast<double>(chart_width)));
    std::string line = std::string(marks, '#');
    if (bar.open) (marks == chart_width ? line.back() = '>' : *line.insert(line.end(), '>'));
    if (!bar.length) line = "?";
    line.resize(chart_width, ' ');
    // The numbers stand under each other, like the bars.
    std::string name = bar.label;
    if (const auto space = name.rfind(' '); space != std::string::npos) name.insert(space, label - name.size(), ' ');
    all += "  " + name + " |" + line + "| " + bar.text + '\n';
  }
  return all;
}

std::string underlined(const std::string& title, char with) {
  const auto letters = std::ranges::count_if(title, [](char c) { return (c & 0xC0) != 0x80; });
  return title + '\n' + std::string(static_cast<std::size_t>(letters), with) + '\n';
}

}  // namespace

std::string text_of(const Page& page) {
  std::string all = underlined(page.title, '=') + page.subtitle + "\n\n";
  for (const auto& sentence : page.in_short) all += wrapped(sentence, "", "");
  for (const Section& section : page.sections) {
    all += '\n' + underlined(section.title, '-');
    std::string together;
    for (const auto& sentence : section.sentences) {
      if (section.listed)
        all += wrapped(sentence, "- ", "  ");
      else
        together += (together.empty() ? "" : " ") + sentence;
    }
    if (!together.empty()) all += wrapped(together, "", "");
    if (section.bars) all += drawn(*section.bars);
  }
  return all;
}

}  // namespace cellwarden::report
