// Which pack of a bank ends its charge first, out of what each pack's own analysis says.
#include "daemon/banks/first_to_end.h"

#include <doctest/doctest.h>

#include "tests/banks/members.h"

using namespace cellwarden;
using test::a_member, test::about, test::Joint;

namespace {

template <class T>
Output<T> known(T value) {
  return Output<T>::known(value);
}

ChargeOutlook before_a_charge(ChargeVerdict verdict, double margin_mv, int cell) {
  return {known(verdict), known(cell), known(margin_mv), Output<double>::unknown(Reason::gate_not_met), known(14.0)};
}
ChargeOutlook in_the_knee(ChargeVerdict verdict, double margin_mv, int cell, double minutes) {
  ChargeOutlook outlook = before_a_charge(verdict, margin_mv, cell);
  outlook.minutes_to_stop = known(minutes);
  return outlook;
}
ChargeOutlook unknown(Reason why) {
  ChargeOutlook outlook;
  outlook.verdict = Output<ChargeVerdict>::unknown(why);
  return outlook;
}

Joint two(Joined joined, const ChargeOutlook& a, const ChargeOutlook& b) {
  Joint joint(joined, {a_member("a", 100, 95, 20), a_member("b", 100, 95, 20)});
  joint[0].outlook = a, joint[1].outlook = b;
  return joint;
}

constexpr auto bms = ChargeVerdict::bms, charger = ChargeVerdict::charger, marginal = ChargeVerdict::marginal;

}  // namespace

TEST_CASE("the fewest minutes first, whatever the margins") {
  Joint joint = two(Joined::parallel, in_the_knee(bms, -200, 3, 4), in_the_knee(bms, -90, 7, 2.6));
  BankState bank = joint.state();
  CHECK(bank.first_full_pack == "b");
  CHECK(bank.first_full_cell == 7);
  CHECK(bank.charge_verdict == bms);
  CHECK(bank.charge_margin_mv == about(-90));
  CHECK(bank.minutes_to_stop == about(2.6));
  CHECK(bank.v_pack_at_first_cell_limit == about(14.0));
  CHECK(bank.advice ==
        "b: its BMS ends its charge first in 3 min, because cell 7 is full; in parallel the others go on and take its "
        "current too.");
  CHECK(bank.reason.empty());

  joint[0].outlook = before_a_charge(bms, -200, 3);  // not in its knee: not yet there
  CHECK(joint.state().first_full_pack == "b");
  joint[0].outlook = in_the_knee(charger, 50, 3, 1);
  CHECK(joint.state().charge_verdict == charger);
  joint[0].outlook = in_the_knee(bms, 50, 3, 0.4);
  CHECK(joint.state().advice->starts_with("a: its BMS ends its charge first within a minute, because cell 3 is full"));
}

TEST_CASE("before a charge, the smallest margin; in series it is the end for all") {
  Joint joint = two(Joined::series, before_a_charge(bms, -60, 3), before_a_charge(bms, -90, 7));
  const BankState bank = joint.state();
  CHECK(bank.first_full_pack == "b");
  CHECK_FALSE(bank.minutes_to_stop);
  CHECK(bank.reason.at("minutes_to_stop") == "gate_not_met");
  CHECK(bank.advice ==
        "b: its BMS ends its charge first, because cell 7 is full; in series that ends the charge of all.");
  joint[0].outlook = before_a_charge(charger, 30, 3);
  CHECK(joint.state().first_full_pack == "b");
}

TEST_CASE("that the charger is first is said only where it is known of all") {
  Joint joint = two(Joined::parallel, before_a_charge(charger, 120, 3), before_a_charge(charger, 80, 7));
  CHECK(joint.state().charge_verdict == charger);
  CHECK(joint.state().advice == "The charger ends the charge before a BMS does; nearest to its limit comes b, cell 7.");
  joint[0].outlook = before_a_charge(marginal, 10, 3);
  CHECK(joint.state().advice->starts_with("Whether the charger or a BMS ends the charge is too close to say"));

  for (const auto& outlook : {before_a_charge(charger, 120, 3), before_a_charge(marginal, -10, 3)}) {
    joint[0].outlook = outlook, joint[1].outlook = unknown(Reason::top_never_seen);
    const BankState bank = joint.state();
    CHECK_FALSE(bank.charge_verdict);
    CHECK_FALSE(bank.first_full_pack);
    CHECK_FALSE(bank.advice);
    CHECK(bank.reason.at("charge_verdict") == "top_never_seen");
    CHECK(bank.reason.at("first_full_pack") == "top_never_seen");
  }
  joint[0].outlook = before_a_charge(bms, -50, 3);  // whatever b does, the charger is not first
  CHECK(joint.state().first_full_pack == "a");
}

TEST_CASE("a pack that is not heard may be the first: in series nothing is said, in parallel of whom") {
  const auto b_lost = [](Joined joined) {
    Joint joint = two(joined, before_a_charge(bms, -60, 3), before_a_charge(bms, -90, 7));
    joint[1].online = false;
    return joint;
  };
  Joint series = b_lost(Joined::series), parallel = b_lost(Joined::parallel);
  CHECK_FALSE(series.state().first_full_pack);
  CHECK(series.state().reason.at("first_full_pack") == "pack_not_heard");
  CHECK(parallel.state().first_full_pack == "a");
  CHECK(parallel.state().advice->ends_with("take its current too. Not every pack is heard."));
  parallel[0].online = false;
  CHECK(parallel.state().reason.at("charge_verdict") == "pack_not_heard");
  series[1].online = true;
  CHECK(series.state().first_full_pack == "b");
}

TEST_CASE("two cells at once are no cell; a long id does not burst a text") {
  Joint joint = two(Joined::parallel, before_a_charge(bms, -60, 3), unknown(Reason::top_never_seen));
  joint[0].outlook.first_full_cell = Output<int>::unknown(Reason::tie);
  CHECK_FALSE(joint.state().first_full_cell);
  CHECK(joint.state().reason.at("first_full_cell") == "tie");
  CHECK(joint.state().advice->find("because a cell is full") != std::string::npos);
  joint[0].pack.id = std::string(400, 'x');
  CHECK(joint.state().advice->size() == 255);
}
