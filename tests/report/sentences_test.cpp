// What made facts say, and what they do not.
#include "daemon/report/sentences.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>

#include "daemon/report/words.h"
#include "tests/report/made_facts.h"

using namespace cellwarden;
using namespace cellwarden::report;
using namespace cellwarden::test;

namespace {

std::string section(const Page& page, const std::string& title) {
  std::string text;
  for (const Section& at : page.sections)
    if (at.title.starts_with(title))
      for (const auto& sentence : at.sentences) text += sentence + "\n";
  return text;
}
std::string said(const Facts& facts, const std::string& title) { return section(page_of(facts), title); }

bool says(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("report: the top: who is first, who ends the charge and where, who is furthest behind") {
  Facts facts = made_facts();
  const std::string top = said(facts, "At the top");
  CHECK(says(top, "Cell 2 is full first."));
  CHECK(says(top, "By then cell 4 still lacks most: 8.0 Ah, 8.0 % of its charge."));
  CHECK(says(top,
             "The BMS and not the charger ends the charge, because cell 2 reaches its limit of 3.65 V when the "
             "pack as a whole is only at 13.9 V."));

  facts.insight.charge_verdict.value = ChargeVerdict::charger;
  facts.insight.charge_margin_mv = Output<double>::known(112);
  CHECK(says(said(facts, "At the top"),
             "The charger ends the charge, as it should; the highest cell then stays about "
             "112 mV below the BMS's limit of 3.65 V."));
  facts.insight.charge_verdict.value = ChargeVerdict::marginal;
  facts.insight.charge_margin_mv = Output<double>::known(-9);
  CHECK(says(said(facts, "At the top"), "a close call"));
  CHECK(says(said(facts, "At the top"), "within 9 mV"));

  facts.insight.offset_top_ah[3] = Output<double>::unknown(Reason::lower_bound);
  facts.insight.offset_top_at_least_ah[3] = Output<double>::known(9.5);
  CHECK(says(said(facts, "At the top"), "cell 4 still lacks most: at least 9.5 Ah, 9.5 % of its charge."));

  facts.insight.offset_top_ah[0] = Output<double>::unknown(Reason::lower_bound);
  facts.insight.offset_top_at_least_ah[0] = Output<double>::known(3.0);
  CHECK(says(said(facts, "At the top"), "9.5 % of its charge; cell 1 may lack more."));
}

TEST_CASE("report: how the charges of the last month ended") {
  Facts facts = made_facts();
  const auto charge = [&](int n, Stop cause) {
    facts.segments.push_back({.ended_at = day(n), .cause = cause, .edge_v = 3.652, .edge_cell = 2});
  };
  charge(10, Stop::bms_cell);  // long ago
  charge(50, Stop::charger), charge(52, Stop::bms_cell), charge(54, Stop::source);
  const std::string top = said(facts, "At the top");
  CHECK(
      says(top, "Of the 3 charges of the last 30 days the BMS ended 1 and the charger 1; the others stopped before."));
  CHECK(says(top, "The last that it ended, on 22 February 2026, ended with cell 2 at 3.65 V."));
}

TEST_CASE("report: the last alerts, newest first, and no more than a few") {
  Facts facts = made_facts();
  CHECK(said(facts, "The last alerts") == "");
  for (int n = 0; n < 20; ++n)
    facts.told.push_back({day(n) + std::chrono::hours(7), true, "drift", "warn",
                          "cabin: told " + std::to_string(n) + ", since 2026-01-01 07:00 UTC: so it is", n});
  const std::string last = said(facts, "The last alerts");
  CHECK(last.starts_with("20 January 2026 07:00 UTC: told 19: so it is.\n19 January 2026 07:00 UTC: told 18"));
  CHECK(std::ranges::count(last, '\n') == 8);

  // What comes and goes every day is one line.
  for (int n = 20; n < 30; ++n) {
    facts.told.push_back({day(n), true, "cell_near_ovp", "warn", "cabin: near", 4});
    facts.told.push_back({day(n), false, "cell_near_ovp", "warn", "cabin: no longer near", 4});
  }
  const std::string daily = said(facts, "The last alerts");
  CHECK(
      daily.starts_with("30 January 2026 00:00 UTC: near. It came 10 times lately.\n20 January 2026 07:00 UTC: told"));
}

TEST_CASE("report: what is old is said to be, before all else") {
  Facts facts = made_facts();
  facts.made = *facts.as_of + std::chrono::hours(20);
  CHECK_FALSE(says(page_of(facts).in_short.front(), "old"));
  facts.made = *facts.as_of + std::chrono::days(9);
  const Page page = page_of(facts);
  CHECK(says(page.subtitle, "as of 2 March 2026 12:00 UTC"));
  CHECK(
      page.in_short.front() ==
      "This is old: the last reading that is known is from 2 March 2026, 9 days ago. Does the service run, and is the "
      "pack online?");
  CHECK(page.in_short[1] == facts.insight.advice);
}

TEST_CASE("report: the bottom: seen, or never") {
  Facts facts = made_facts();
  CHECK(says(said(facts, "At the bottom"), "never seen near empty"));
  facts.insight.first_empty_cell = Output<int>::known(3);
  facts.insight.offset_bottom_ah = known_cells({4.0, 5.5, 0.0, 1.0});
  facts.insight.discharge_verdict = Output<DischargeVerdict>::known(DischargeVerdict::bms);
  facts.insight.v_pack_at_first_cell_empty = Output<double>::known(11.4);
  const std::string bottom = said(facts, "At the bottom");
  CHECK(says(bottom, "Cell 3 is empty first."));
  CHECK(says(bottom, "cell 2 still holds 5.5 Ah."));
  CHECK(says(bottom, "because cell 3 falls to its limit of 2.50 V when the pack as a whole is still at 11.4 V."));
}

TEST_CASE("report: the cost in Ah and kWh: what balancing gives back, and what nothing does") {
  Facts facts = made_facts();
  CHECK(says(said(facts, "What it costs"), "not known: the pack was never seen near empty"));
  facts.insight.usable_ah = Output<double>::known(86.0);
  facts.insight.loss_imbalance_ah = Output<double>::known(8.0);
  facts.insight.loss_mismatch_ah = Output<double>::known(5.0);
  facts.insight.weakest_cell = Output<int>::known(2);
  facts.energy = Energy{123.4, 120};
  const std::string cost = said(facts, "What it costs");
  CHECK(says(cost, "Of 100 Ah, 86.0 Ah (about 1.1 kWh) can be used"));
  CHECK(says(cost, "Imbalance takes 8.0 Ah (about 0.1 kWh) of it: balancing the cells gives that back."));
  CHECK(says(cost, "Another 5.0 Ah (about 0.06 kWh) are missing because cell 2, the weakest,"));
  CHECK(says(cost, "123 kWh in, 120 kWh out."));
}

TEST_CASE("report: a cell that loses charge: how fast, as which leak, when it matters, since when") {
  Facts facts = made_facts();
  CHECK_FALSE(says(said(facts, "What has changed"), "loses charge"));
  Insight& i = facts.insight;
  i.drift_significant = known_cells({false, false, false, true});
  i.drift_pp_day = known_cells({0.0, 0.0, 0.0, 0.05});
  i.equivalent_leak_ma.resize(4), i.days_to_alarm.resize(4);
  i.equivalent_leak_ma[3] = Output<double>::known(2.1);
  i.days_to_alarm[3] = Output<double>::known(40);
  for (int n = 0; n < 60; ++n) facts.days.push_back(a_day(n, {0.1, 0, 0.1, 0.1 + 0.05 * std::max(0, n - 40)}));
  const std::string changed = said(facts, "What has changed");
  CHECK(says(changed,
             "Cell 4 loses charge against the others, since about 10 February 2026: 0.050 % of its charge a "
             "day, as if 2 mA flowed out of it day and night. It matters in 40 days, if it goes on so."));
  CHECK(says(said(facts, "What to do"), "Watch cell 4"));

  i.drift_measured_days_ago.resize(4);
  i.drift_measured_days_ago[3] = Output<double>::known(50.1);
  CHECK(says(said(facts, "What has changed"),
             "That was last measured on 11 January 2026; since then this cell no longer gets full enough"));
  i.drift_measured_days_ago[3] = Output<double>::known(3);
  CHECK_FALSE(says(said(facts, "What has changed"), "last measured"));

  i.drift_pp_day[3] = Output<double>::unknown(Reason::too_few_points);
  facts.days.clear();
  CHECK(says(said(facts, "What has changed"), "How fast is not known."));
}

TEST_CASE("report: what to do: advice, balancing, how long it takes, voltages") {
  Facts facts = made_facts();
  Insight& i = facts.insight;
  i.top_balance = Output<bool>::known(true);
  i.top_balance_voltage = Output<double>::known(3.65);
  i.balance_days = Output<double>::known(10), i.balance_never = Output<bool>::known(false);
  i.balance_days_least = Output<double>::known(6), i.balance_days_most = Output<double>::known(17);
  i.limit_audit = {"The BMS is set oddly."};
  const std::string todo = said(facts, "What to do");
  CHECK(todo.starts_with("Set the charger to 13.7 V.\n"));
  CHECK(says(todo, "Balance the cells at the top by hand once: hold them at 3.65 V each"));
  CHECK(says(todo, "needs 6 to 17 days"));
  CHECK_FALSE(says(todo, "With the charger at 13.7 V"));  // the advice has it
  CHECK(says(todo, "The BMS is set oddly."));
  i.recommended_charge_v.value = 13.6;
  CHECK(says(said(facts, "What to do"), "With the charger at 13.6 V the BMS stays out of the charge."));
  i.balance_days = i.balance_days_least = i.balance_days_most = Output<double>::unknown(Reason::never_above_start);
  i.balance_never = Output<bool>::known(true, 0.6, Reason::never_above_start);
  CHECK(says(said(facts, "What to do"), "will not do it: the balancer hardly ever comes to work."));
}

TEST_CASE("report: how sure: in words, and why not") {
  const std::string trust = said(made_facts(), "How sure");
  CHECK(says(trust, "Which cell is full first: sure."));
  CHECK(says(trust, "Who ends the next charge: likely."));
  CHECK(says(trust, "What can be used: not known, because the pack was never seen near empty."));
  Facts facts = made_facts();
  facts.insight.offset_top_ah[3] = Output<double>::unknown(Reason::lower_bound);
  CHECK(says(said(facts, "How sure"), "How far each cell is behind, but for cell 4: sure (a cell is so far behind"));
  CHECK(std::string(trust_words(0.2)) == "a guess");
  for (std::size_t n = 1; n < reason_names.size(); ++n) {
    CAPTURE(reason_names[n]);
    CHECK_FALSE(std::string(reason_words(static_cast<Reason>(n))).empty());
  }
}

TEST_CASE("report: an alert that stands is told with its beginning, its pack not again") {
  Facts facts = made_facts();
  Alert alert;
  alert.pack = "cabin", alert.since = day(3);
  alert.text = "cabin: cell 4 drifts away, since 2026-01-04 00:00 UTC: much.";
  facts.standing = {alert};
  CHECK(said(facts, "Alerts") == "Since 4 January 2026: cell 4 drifts away: much.\n");
}

TEST_CASE("report: where nothing is known no number is made up") {
  Facts facts;
  facts.id = "new";
  for (const Section& at : page_of(facts).sections) {
    CHECK_FALSE(at.bars);
    for (const auto& sentence : at.sentences) {
      CAPTURE(sentence);
      CHECK(std::none_of(sentence.begin(), sentence.end(), [](unsigned char c) { return std::isdigit(c) != 0; }));
    }
  }
}
