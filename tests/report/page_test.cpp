// The page as text, HTML and JSON.
#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "daemon/report/html.h"
#include "daemon/report/report_json.h"
#include "daemon/report/sentences.h"
#include "daemon/report/svg.h"
#include "daemon/report/text.h"
#include "tests/report/made_facts.h"

using namespace cellwarden;
using namespace cellwarden::report;
using namespace cellwarden::test;

namespace {

Facts facts_with_days() {
  Facts facts = made_facts();
  for (int n = 0; n < 60; ++n)
    facts.days.push_back(a_day(n, {0.5, 0, 1, n % 9 == 4 ? absent : 0.1 * n}, {0.5, n < 30 ? 1.9 : 0.6, 0.5, 0.5}));
  facts.name = "Cabin <\"one\" & only>";
  return facts;
}

/// Every tag that opens closes, in order; attributes are quoted; nothing stands outside.
std::string what_is_wrong(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t at = xml.find('<'); at != std::string::npos; at = xml.find('<', at)) {
    const std::size_t end = xml.find('>', at);
    if (end == std::string::npos) return "a tag has no end";
    const std::string tag = xml.substr(at + 1, end - at - 1);
    at = end;
    if (tag.find('<') != std::string::npos) return "< in " + tag;
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0) return "quotes in " + tag;
    if (tag.starts_with('!')) continue;
    const std::string name =
        tag.substr(tag.starts_with('/') ? 1 : 0, tag.find_first_of(" /", 1) - (tag.starts_with('/') ? 1 : 0));
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return "unexpected " + tag;
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(name);
    }
  }
  for (std::size_t at = xml.find('&'); at != std::string::npos; at = xml.find('&', at + 1))
    if (const auto end = xml.find(';', at); end == std::string::npos || end - at > 6) return "a bare &";
  return open.empty() ? "" : open.back() + " stays open";
}

}  // namespace

TEST_CASE("page: as text, word for word") {
  std::ifstream golden(TEST_DATA "/report/cabin.txt");
  const std::string expected{std::istreambuf_iterator<char>(golden), {}};
  CHECK(text_of(page_of(made_facts())) == expected);
}

TEST_CASE("page: no line of text is longer than a terminal's") {
  std::istringstream lines(text_of(page_of(facts_with_days())));
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.size() <= 78);
  }
}

TEST_CASE("page: HTML is one well-formed file that needs nothing else") {
  const std::string html = html_of(page_of(facts_with_days()));
  CHECK(what_is_wrong(html) == "");
  CHECK(what_is_wrong("<a><b></a>") != "");
  CHECK(what_is_wrong("<a>&</a>") != "");
  for (const char* outside : {"src=", "href=", "url(", "@import", "<script", "<link", "<iframe", "https://"}) {
    CAPTURE(outside);
    CHECK(html.find(outside) == std::string::npos);
  }
  CHECK(html.find("prefers-color-scheme: dark") != std::string::npos);
  CHECK(html.find("Cabin &lt;&quot;one&quot; &amp; only&gt;") != std::string::npos);
  std::size_t charts = 0;
  for (std::size_t at = html.find("<svg"); at != std::string::npos; at = html.find("<svg", at + 1)) ++charts;
  CHECK(charts == 3);  // bars, offsets by day, resistance by day
  CHECK(html.find("nan") == std::string::npos);
}

TEST_CASE("page: ten years of 32 cells make no monster of a file") {
  DayChart chart{.title = "Years", .unit = "%", .days = {}, .cells = {}, .marked = {1}};
  chart.cells.resize(32);
  for (int n = 0; n < 3700; ++n) {
    chart.days.push_back(day(n));
    for (auto& cell : chart.cells) cell.push_back(n % 10);
  }
  CHECK(svg_of(chart).size() < 300'000);
  chart.days.resize(1);
  for (auto& cell : chart.cells) cell.resize(1);
  CHECK(what_is_wrong(svg_of(chart)) == "");
}

TEST_CASE("page: JSON has every key, and null for what is not known") {
  const Facts facts = facts_with_days();
  const auto json = report_json(facts, page_of(facts));
  std::string keys;
  for (const auto& [key, value] : json.items()) keys += key + " ";
  CHECK(
      keys ==
      "pack name as_of made_at recorded cells capacity_ah in_short sections insight about_kwh energy unbalanced_since "
      "resistance_steps without_full_charge drift_began alerts alert_log days ");
  CHECK(json["pack"] == "cabin");
  CHECK(json["cells"] == 4);
  CHECK(json["as_of"] == "2026-03-02T12:00:00.000Z");
  CHECK(json["insight"]["first_full_cell"] == 2);
  CHECK(json["about_kwh"]["usable"].is_null());
  CHECK(json["resistance_steps"][0]["cell"] == 2);
  CHECK(json["resistance_steps"][0]["day"] == "2026-01-31");
  CHECK(json["days"].size() == 60);
  CHECK(json["days"][4]["offset_top_pct"][3].is_null());
  CHECK(json["unbalanced_since"]["day"] == "2026-01-17");

  Facts told = facts;
  told.told.push_back({day(3) + std::chrono::hours(7), true, "drift", "warn", "cabin: cell 4 drifts", 4});
  const auto log = report_json(told, page_of(told))["alert_log"];
  REQUIRE(log.size() == 1);
  CHECK(log[0]["at"] == "2026-01-04T07:00:00.000Z");
  CHECK(log[0]["cell"] == 4);
  CHECK(html_of(page_of(told)).find("4 January 2026 07:00 UTC: cell 4 drifts.") != std::string::npos);

  const auto nothing = report_json({}, page_of({}));
  CHECK(nothing["cells"].is_null());
  CHECK(nothing["unbalanced_since"].is_null());
  CHECK(nothing["capacity_ah"].is_null());
}
