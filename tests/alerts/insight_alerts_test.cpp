// What the analysis finds becomes alerts: at once in the knee, else when it was so in two charges.
#include <doctest/doctest.h>

#include "tests/alerts/scripted_pack.h"

using namespace cellwarden;
using test::ScriptedPack;

namespace {

void say_charge(ScriptedPack& pack, ChargeVerdict verdict, double margin_mv) {
  pack.insight.charge_verdict = Output<ChargeVerdict>::known(verdict);
  pack.insight.charge_margin_mv = Output<double>::known(margin_mv);
  pack.insight.first_full_cell = Output<int>::known(3);
}
void say_spread(ScriptedPack& pack, double pct, int src) {
  pack.insight.offset_top_spread_pct = Output<double>::known(pct);
  pack.insight.first_full_cell = Output<int>::known(3);
  pack.insight.offset_top_pct = {Output<double>::known(0.1), Output<double>::known(pct), Output<double>::known(0),
                                 Output<double>::known(0.2)};
  pack.insight.offset_top_src.assign(4, Output<int>::known(src));
}

}  // namespace

TEST_CASE("charge cut by the BMS: from memory it must be so after two charges, and not so after two") {
  ScriptedPack pack;
  pack.read();
  say_charge(pack, ChargeVerdict::bms, -40);
  pack.insight.recommended_charge_v = Output<double>::known(13.7);
  pack.pass(4000);
  CHECK(pack.heard() == "");
  pack.charge_closes();
  CHECK(pack.heard() == "");
  pack.charge_closes();
  CHECK(pack.heard() == "+charge_cut_by_bms:warn@3 ");
  CHECK(pack.last.alert.value == -40);
  CHECK(pack.last.alert.advice.find("13.7 V") != std::string::npos);
  say_charge(pack, ChargeVerdict::charger, 30);  // not beyond 30 mV
  pack.charge_closes(), pack.charge_closes(), pack.charge_closes();
  CHECK(pack.heard() == "");
  say_charge(pack, ChargeVerdict::charger, 31);
  pack.charge_closes();
  CHECK(pack.heard() == "");
  pack.charge_closes();
  CHECK(pack.heard() == "-charge_cut_by_bms:warn@3 ");
}

TEST_CASE("charge cut by the BMS: a charge in between that says otherwise begins the count anew") {
  ScriptedPack pack;
  pack.read();
  for (int i = 0; i < 4; ++i) {
    say_charge(pack, ChargeVerdict::bms, -40);
    pack.charge_closes();
    say_charge(pack, ChargeVerdict::marginal, -10);
    pack.charge_closes();
  }
  CHECK(pack.heard() == "");
}

TEST_CASE("charge cut by the BMS: live in the knee it is said at once, and taken back after two charges") {
  ScriptedPack pack;
  pack.read();
  say_charge(pack, ChargeVerdict::bms, -40);
  pack.moment.live = true;
  pack.insight.minutes_to_stop = Output<double>::known(2.5);
  pack.pass(2);
  CHECK(pack.heard() == "+charge_cut_by_bms:warn@3 ");
  say_charge(pack, ChargeVerdict::charger, 31);
  pack.pass(600);
  CHECK(pack.heard() == "");
  pack.charge_closes();
  CHECK(pack.heard() == "");
  pack.charge_closes();
  CHECK(pack.heard() == "-charge_cut_by_bms:warn@3 ");
}

TEST_CASE("cut by the BMS: in the first knee ever the leading cell is named, and no voltage is promised") {
  ScriptedPack pack;
  pack.read();
  say_charge(pack, ChargeVerdict::bms, -40);
  pack.insight.first_full_cell = Output<int>::unknown(Reason::top_never_seen);
  pack.insight.recommended_charge_v = Output<double>::unknown(Reason::top_never_seen);
  pack.insight.minutes_to_stop = Output<double>::known(2.5);
  pack.moment.live = true, pack.moment.cell_max = 2;
  pack.pass(2);
  CHECK(pack.heard() == "+charge_cut_by_bms:warn@2 ");
  CHECK(pack.last.alert.text.find("cell 2 is full before the others") != std::string::npos);
  CHECK(pack.last.alert.advice.find("no useful charger voltage") == std::string::npos);

  ScriptedPack tie;
  tie.read();
  say_charge(tie, ChargeVerdict::bms, -40);
  tie.insight.first_full_cell = Output<int>::unknown(Reason::tie);
  tie.insight.recommended_charge_v = Output<double>::unknown(Reason::too_unbalanced);
  tie.insight.minutes_to_stop = Output<double>::known(2.5);
  tie.moment.live = true, tie.moment.cell_max = 2;
  tie.pass(2);
  CHECK(tie.heard() == "+charge_cut_by_bms:warn ");
  CHECK(tie.last.alert.text.find("one cell is full before the others") != std::string::npos);
  CHECK(tie.last.alert.advice.find("no useful charger voltage") != std::string::npos);
}

TEST_CASE("discharge cut by the BMS: at once where it is empty, else after two charges") {
  ScriptedPack pack;
  pack.read();
  pack.insight.discharge_verdict = Output<DischargeVerdict>::known(DischargeVerdict::bms);
  pack.insight.discharge_margin_mv = Output<double>::known(-120);
  pack.insight.first_empty_cell = Output<int>::known(1);
  pack.pass(100);
  CHECK(pack.heard() == "");
  pack.moment.gate = Gate::bottom;
  pack.insight.minutes_to_empty = Output<double>::known(4);
  pack.pass(2);
  CHECK(pack.heard() == "+discharge_cut_by_bms:warn@1 ");
}

TEST_CASE("offset: 2 % warns and 5 % alarms after two charges; aligned curves alone only warn; a bound says nothing") {
  const std::vector<std::tuple<double, int, const char*>> rows = {
      {2.1, 2, "+offset_top:warn@2 "}, {1.9, 2, ""},  {5.5, 2, "+offset_top:warn@2 +offset_top:alarm@2 "},
      {5.5, 3, "+offset_top:warn@2 "}, {5.5, -1, ""},
  };
  for (const auto& [pct, src, told] : rows) {
    CAPTURE(pct);
    CAPTURE(src);
    ScriptedPack pack;
    pack.read();
    say_spread(pack, pct, src);
    pack.pass(100);
    pack.charge_closes();
    CHECK(pack.heard() == "");
    pack.charge_closes();
    CHECK(pack.heard() == told);
  }
}

TEST_CASE("resistance: a cell that is 35 % above the middle in 20 steps; cleared at 70 % of that") {
  ScriptedPack pack;
  pack.insight.r_mohm.assign(4, Output<double>::known(0.2));
  pack.insight.r_excess_pct.assign(4, Output<double>::known(0));
  pack.insight.r_mohm[1] = Output<double>::known(0.4);
  pack.insight.r_excess_pct[1] = Output<double>::known(100, 0.95);
  pack.pass(10);
  CHECK(pack.heard() == "");
  pack.insight.r_excess_pct[1] = Output<double>::known(100);
  pack.pass(2);
  CHECK(pack.heard() == "+resistance:warn@2 ");
  pack.insight.r_excess_pct[1] = Output<double>::known(25);
  pack.pass(10);
  CHECK(pack.heard() == "");
  pack.insight.r_excess_pct[1] = Output<double>::known(24);
  pack.pass(2);
  CHECK(pack.heard() == "-resistance:warn@2 ");

  // 0.02 mOhm more at 280 Ah: 1 mV, no matter.
  ScriptedPack small;
  small.insight.r_mohm.assign(4, Output<double>::known(0.06));
  small.insight.r_excess_pct.assign(4, Output<double>::known(50));
  small.pass(10);
  CHECK(small.heard() == "");
}

TEST_CASE("limit audit: settings that clash are told when they stay so, and that they agree again") {
  ScriptedPack pack;
  pack.insight.limit_audit = {"The charger's 58.4 V reach the BMS's pack limit of 58.40 V."};
  pack.read();
  pack.pass(58);
  CHECK(pack.heard() == "");
  pack.pass(2);
  CHECK(pack.heard() == "+limit_audit:warn ");
  CHECK(pack.last.alert.text.find("The charger's 58.4 V") != std::string::npos);
  pack.insight.limit_audit.clear();
  pack.pass(70);
  CHECK(pack.heard() == "-limit_audit:warn ");
}

TEST_CASE("sentences that would be too long are cut after a word") {
  ScriptedPack pack;
  pack.insight.limit_audit = {std::string(400, 'a'), "b"};
  pack.pass(70);
  CHECK(pack.last.alert.text.size() == 254);
  CHECK(pack.last.alert.text.ends_with("..."));
}
