// What the project set out to tell of a pack, statement by statement, beside what it publishes.
#include <doctest/doctest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "daemon/analysis/advice.h"
#include "daemon/analysis/insight_json.h"
#include "daemon/analysis/memory.h"

using namespace cellwarden;

namespace {

struct Statement {
  int number;
  std::vector<std::string> keys = {};
  const char* absent = nullptr;   ///< why it has no output of its own
  const char* advised = nullptr;  ///< the words of the advice that say it
};

constexpr const char* words_only = "text in the advice";

const std::vector<Statement>& statements() {
  static const std::vector<Statement> all = {
      {1, {"offset_top_ah", "offset_bottom_ah", "balance_state"}},
      {2, {"charge_verdict", "charge_margin_mv", "v_pack_at_first_cell_limit", "minutes_to_stop"}},
      {3, {"discharge_verdict", "discharge_margin_mv", "v_pack_at_first_cell_empty", "minutes_to_empty"}},
      {4, {"usable_ah", "effective_pct", "loss_imbalance_ah"}},
      {5, {"offset_top_pct", "drift_pp_day", "drift_significant"}},
      {6, {"balanced_capacity_ah"}},
      {7, {"top_balance_quality", "offset_top_spread_pct"}, nullptr, "until hardly any current flows"},
      {8, {"top_balance_voltage"}},
      {9, {"equalise_first"}},
      {10, {"rest_drop_mv"}},
      {11, {"offset_bottom_ah", "bottom_balance_voltage"}},
      {12, {"delta_bottom_mv", "recommended_lvc_v"}},
      {13, {"capacity_ah", "mismatch_pct"}},
      {14, {"balance_state"}},
      {15, {"first_full_cell", "first_empty_cell"}},
      {16, {"inaccessible_top_ah", "inaccessible_bottom_ah"}},
      {17, {"weakest_cell", "loss_mismatch_ah"}, nullptr, "sets what the pack holds"},
      {18, {"balance_state"}},
      {19, {"balancer_conflict"}, nullptr, "works at the top and undoes it"},
      {20, {"suggested_balance_kind"}},
      {21, {}, "not applicable: what is analysed comes from a BMS"},
      {22, {"balance_days", "balance_days_least", "balance_days_most", "balance_never", "tau_h_day"}},
      {23, {"charge_verdict", "recommended_charge_v"}, nullptr, "set the charger to"},
      {24, {"discharge_verdict", "recommended_lvc_v"}, nullptr, "let the load let go at"},
      {25, {"capacity_test_valid"}},
      {26, {}, words_only, "Several steps do as well as one"},
      {27, {"equalise_first", "top_balance"}, words_only, "Equal voltages are not yet a balance"},
      {28, {"equalise_hours"}},
      {29, {}, words_only, "or charge each alone to 3.45 V"},
      {30, {"class", "class_flags", "r_mohm", "r_excess_pct"}},
      {31, {"mismatch_pct", "charge_margin_mv", "discharge_margin_mv", "recommended_charge_v"}},
  };
  return all;
}

/// Every sentence that a pack of four LFP cells can be advised where that output is as said.
std::vector<std::string> sentences() {
  Insight base;
  each_output(base, []<class T>(std::string_view, T& output) {
    if constexpr (requires { output.resize(4); }) output.resize(4);
  });
  base.charge_verdict = Output<ChargeVerdict>::known(ChargeVerdict::charger);
  std::vector<std::string> said;
  const auto say = [&](auto change) {
    PackSettings settings;
    settings.chemistry = "lfp", settings.capacity_ah = 100;
    Memory memory;
    memory.cells = 4, memory.top.seen = true;
    Insight insight = base;
    change(insight);
    say_advice(Terms(settings), memory, insight);
    said.push_back(insight.advice);
  };
  using Yes = Output<bool>;
  say([](Insight& i) { i.equalise_first = Yes::known(true); });
  say([](Insight& i) { i.top_balance = Yes::known(true); });
  say([](Insight& i) { i.balancer_conflict = Yes::known(true); });
  say([](Insight& i) { i.pack_class = Output<PackClass>::known(PackClass::mismatch); });
  say([](Insight& i) {
    i.charge_verdict = Output<ChargeVerdict>::known(ChargeVerdict::bms);
    i.recommended_charge_v = Output<double>::known(13.7);
  });
  say([](Insight& i) {
    i.discharge_verdict = Output<DischargeVerdict>::known(DischargeVerdict::bms);
    i.recommended_lvc_v = Output<double>::known(11.6);
  });
  return said;
}

/// Of a list: one for all cells, or one for each that has no value.
void check_reason(const nlohmann::ordered_json& json, const std::string& key) {
  const auto& value = json[key];
  const auto& reasons = json["reason"];
  const bool list = value.is_array();
  if (value.is_null()) CHECK(reasons.contains(key));
  for (std::size_t i = 0; list && i < value.size(); ++i) {
    if (!value[i].is_null()) continue;
    REQUIRE(reasons.contains(key));
    const auto& why = reasons[key].is_array() ? reasons[key][i] : reasons[key];
    CHECK(why.is_string());
  }
}

}  // namespace

TEST_CASE("statements: each of the 31 has its output, each null its reason, or it is said why there is none") {
  Insight unheard, partly;
  each_output(partly, []<class T>(std::string_view, T& output) {
    if constexpr (requires { output.resize(4); }) {
      output.resize(4);
      output[1] = std::remove_reference_t<decltype(output[0])>::known({}, 0.5);
    }
  });
  const auto nothing = to_json(unheard), some = to_json(partly);
  int next = 1;
  for (const Statement& statement : statements()) {
    CAPTURE(statement.number);
    CHECK(statement.number == next++);
    CHECK((!statement.keys.empty() || statement.absent != nullptr));
    if (statement.absent == words_only) CHECK(statement.advised != nullptr);
    for (const std::string& key : statement.keys) {
      CAPTURE(key);
      REQUIRE(nothing.contains(key));
      check_reason(nothing, key);
      check_reason(some, key);
    }
  }
  CHECK(next == 32);
}

TEST_CASE("statements: what is only a word of advice is said in those words") {
  const auto said = sentences();
  for (const Statement& statement : statements()) {
    if (!statement.advised) continue;
    CAPTURE(statement.number);
    CHECK(std::ranges::any_of(said, [&](const auto& s) { return s.find(statement.advised) != std::string::npos; }));
  }
}

TEST_CASE("statements: no output is published that nobody asked for, but those that serve another one") {
  // How sure or how old an offset is, what a delta was taken at, the pace of a drift, a balancer's habits.
  std::set<std::string> named = {"offset_top_src",
                                 "offset_top_at_least_ah",
                                 "offset_bottom_src",
                                 "delta_top_mv",
                                 "delta_top_at_v",
                                 "delta_rest_mv",
                                 "delta_mid_mv",
                                 "drift_suspect",
                                 "days_to_alarm",
                                 "equivalent_leak_ma",
                                 "drift_measured_days_ago",
                                 "need_full_charge",
                                 "balancer_on_plateau",
                                 "balancer_at_high_current",
                                 "let_bms_balance"};
  for (const Statement& statement : statements()) named.insert(statement.keys.begin(), statement.keys.end());
  Insight insight;
  each_output(insight, [&](std::string_view key, auto&) {
    CAPTURE(std::string(key));
    CHECK(named.contains(std::string(key)));
  });
}
