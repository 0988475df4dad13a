#include "daemon/analysis/insight_json.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace cellwarden;

TEST_CASE("insight json: flat, a null with its reason, lists folded where all agree") {
  Insight insight;
  insight.charge_verdict = Output<ChargeVerdict>::known(ChargeVerdict::bms, 0.8);
  insight.usable_ah = Output<double>::unknown(Reason::bottom_never_seen);
  insight.offset_top_pct = {Output<double>::known(0, 1), Output<double>::known(1.24, 1),
                            Output<double>::unknown(Reason::lower_bound)};
  insight.r_mohm.assign(3, Output<double>::unknown(Reason::no_current_steps));
  insight.class_flags = Output<std::vector<PackClass>>::known({PackClass::offset, PackClass::resistance}, 1);
  insight.advice = "Do this.";
  const auto json = to_json(insight);
  CHECK(json["charge_verdict"] == "bms");
  CHECK(json["confidence"]["charge_verdict"] == 0.8);
  CHECK(json["usable_ah"].is_null());
  CHECK(json["reason"]["usable_ah"] == "bottom_never_seen");
  CHECK(json["offset_top_pct"].dump() == "[0.0,1.2,null]");
  CHECK(json["reason"]["offset_top_pct"].dump() == R"([null,null,"lower_bound"])");
  CHECK(json["r_mohm"].dump() == "[null,null,null]");
  CHECK(json["reason"]["r_mohm"] == "no_current_steps");
  CHECK_FALSE(json["confidence"].contains("r_mohm"));
  CHECK(json["class_flags"].dump() == R"(["offset","resistance"])");
  CHECK(json["advice"] == "Do this.");
  CHECK(json["reason"]["offset_bottom_ah"] == "no_readings");
}

TEST_CASE("insight json: every null says why") {
  const auto json = to_json(Insight());
  for (const auto& [key, value] : json.items()) {
    if (value.is_null() && key != "advice") CHECK(json["reason"].contains(key));
  }
}

TEST_CASE("insight json: an empty list says the same as the rest of a pack of which nothing is known") {
  Insight insight;
  insight.charge_verdict = Output<ChargeVerdict>::unknown(Reason::too_many_cells);
  CHECK(to_json(insight)["reason"]["offset_top_ah"] == "too_many_cells");
}
