#include "daemon/report/html.h"

#include "daemon/report/svg.h"

namespace cellwarden::report {

namespace {

constexpr const char* style = R"(
:root { color-scheme: light dark; --paper: #f6f7f5; --card: #fff; --ink: #1d2421; --pale: #68736d; --rule: #dde2de;
  --bar: #7aa893; --first: #c2571a; --others: #c3cbc6; --c1: #c2571a; --c2: #1f6fb2; --c3: #2f8a57; --c4: #8a4fa8; }
@media (prefers-color-scheme: dark) { :root { --paper: #141816; --card: #1d2320; --ink: #e4e9e6; --pale: #97a29c;
  --rule: #333b37; --bar: #4f8069; --first: #ee8a4a; --others: #48524d; --c1: #ee8a4a; --c2: #62aee8; --c3: #5fc48a;
  --c4: #c690e0; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { margin: 0; font-size: 1.7rem; line-height: 1.2; }
h2 { margin: 0 0 .4rem; font-size: 1.1rem; }
h3 { margin: 1rem 0 .3rem; font-size: .85rem; font-weight: 600; color: var(--pale); }
p, ul { margin: 0 0 .4rem; }
ul { padding-left: 1.2rem; }
li { margin-bottom: .25rem; }
.sub { color: var(--pale); }
.short { margin: 1rem 0; padding: .8rem 1rem; border-left: 4px solid var(--first); background: var(--card);
  font-size: 1.1rem; }
.short p:last-child { margin: 0; }
.figures { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1rem 0; }
.figures div { flex: 1 1 11rem; padding: .7rem 1rem; border: 1px solid var(--rule); border-radius: 8px;
  background: var(--card); }
.figures b { display: block; font-size: 1.35rem; line-height: 1.3; }
.figures span { color: var(--pale); font-size: .85rem; }
section { margin: 1rem 0; padding: 1rem; border: 1px solid var(--rule); border-radius: 8px; background: var(--card); }
svg { display: block; width: 100%; height: auto; font: 13px system-ui, sans-serif; fill: var(--ink); }
.number { text-anchor: end; fill: var(--pale); }
.unit, .day, .pale { fill: var(--pale); }
.day { text-anchor: middle; }
.day.first { text-anchor: start; }
.day.last { text-anchor: end; }
.grid { stroke: var(--rule); }
.axis { stroke: var(--pale); }
.bar { fill: var(--bar); }
.bar.marked { fill: var(--first); }
.bar.open { fill: none; stroke: var(--bar); stroke-dasharray: 4 3; }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
.curve.others { stroke: var(--others); stroke-width: 1; }
.curve.c1 { stroke: var(--c1); } .curve.c2 { stroke: var(--c2); }
.curve.c3 { stroke: var(--c3); } .curve.c4 { stroke: var(--c4); }
.key.others, .dot.others { fill: var(--others); }
.key.c1, .dot.c1 { fill: var(--c1); } .key.c2, .dot.c2 { fill: var(--c2); }
.key.c3, .dot.c3 { fill: var(--c3); } .key.c4, .dot.c4 { fill: var(--c4); }
footer { color: var(--pale); font-size: .85rem; }
@media print { section, .figures div { break-inside: avoid; } }
)";

std::string element(const char* name, const std::string& text, const char* attributes = "") {
  return "<" + std::string(name) + attributes + ">" + escaped(text) + "</" + name + ">\n";
}

std::string html_of(const Section& section) {
  std::string all = "<section>\n" + element("h2", section.title);
  if (section.listed) {
    all += "<ul>\n";
    for (const auto& sentence : section.sentences) all += element("li", sentence);
    all += "</ul>\n";
  } else {
    std::string together;
    for (const auto& sentence : section.sentences) together += (together.empty() ? "" : " ") + sentence;
    all += element("p", together);
  }
  if (section.bars) all += element("h3", section.bars->title) + svg_of(*section.bars);
  if (section.over_days) all += element("h3", section.over_days->title) + svg_of(*section.over_days);
  return all + "</section>\n";
}

}  // namespace

std::string html_of(const Page& page) {
  std::string all =
      "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n" +
      element("title", page.title + ": battery report") + "<style>" + style + "</style>\n</head>\n<body>\n<main>\n" +
      element("h1", page.title) + element("p", page.subtitle, " class=\"sub\"");
  all += "<div class=\"short\">\n";
  for (const auto& sentence : page.in_short) all += element("p", sentence);
  all += "</div>\n";
  if (!page.figures.empty()) {
    all += "<div class=\"figures\">\n";
    for (const Figure& figure : page.figures)
      all += "<div>" + element("b", figure.value) + element("span", figure.label) + "</div>\n";
    all += "</div>\n";
  }
  for (const Section& section : page.sections) all += html_of(section);
  return all + element("footer", "Cellwarden") + "</main>\n</body>\n</html>\n";
}

}  // namespace cellwarden::report
