// A bank's arithmetic against examples worked out by hand, with packs going stale and coming back.
#include "daemon/banks/bank.h"

#include <doctest/doctest.h>

#include "tests/banks/members.h"

using namespace cellwarden;
using test::a_member, test::about, test::Joint;

TEST_CASE("two packs in parallel: currents and Ah add up, the charge is weighted by capacity") {
  // a: 100 Ah, 80 % = 80 Ah, -10 A at 13.20 V = -132 W     b: 300 Ah, 60 % = 180 Ah, -24 A at 13.24 V = -317.76 W
  // charge (100 x 80 + 300 x 60) / 400 = 65 %; 80 + 180 = 260 Ah; room 20 + 120 = 140 Ah; mean voltage 13.22 V
  Joint joint(Joined::parallel, {a_member("a", 100, 80, -10, 13.20), a_member("b", 300, 60, -24, 13.24)});
  const BankState bank = joint.state();
  CHECK(bank.pack_v == about(13.22));
  CHECK(bank.pack_v_spread_v == about(0.04));
  CHECK(bank.current_a == about(-34));
  CHECK(bank.power_w == about(-132 - 317.76));
  CHECK(bank.soc_pct == about(65));
  CHECK(bank.remaining_ah == about(260));
  CHECK(bank.headroom_ah == about(140));
  CHECK(bank.installed_ah == about(400));
  CHECK(bank.usable_now_ah == about(260));
  CHECK(bank.chargeable_now_ah == about(140));
  CHECK(bank.charge_on == true);
  CHECK(bank.discharge_on == true);
  CHECK(bank.members == 2);
  CHECK(bank.fresh_members == 2);
  CHECK(bank.stale_packs.empty());
  CHECK_FALSE(bank.problem);
}

TEST_CASE("two packs in series: voltages add up, one current, the smaller room and rest set what it holds") {
  // a: 100 Ah, 80 % = 80 Ah, room 20     b: 120 Ah, 50 % = 60 Ah, room 60
  // out 60 Ah (b is empty first), in 20 Ah (a is full first); charge (100 x 80 + 120 x 50) / 220 = 63.6363 %
  Joint joint(Joined::series, {a_member("a", 100, 80, 10.2, 13.20), a_member("b", 120, 50, 10.0, 13.40)});
  joint.reading(1).steady_s = 1001;
  const BankState bank = joint.state();
  CHECK(bank.pack_v == about(26.60));
  CHECK_FALSE(bank.pack_v_spread_v);
  CHECK(bank.current_a == about(10.0));  // as heard last: b
  CHECK(bank.power_w == about(10.2 * 13.20 + 10.0 * 13.40));
  CHECK(bank.soc_pct == about(100.0 * 140 / 220));
  CHECK(bank.remaining_ah == about(60));
  CHECK(bank.headroom_ah == about(20));
  CHECK(bank.installed_ah == about(100));
  CHECK(bank.usable_now_ah == about(60));
  CHECK(bank.chargeable_now_ah == about(20));
  CHECK(bank.steady_s == 1001);
}

TEST_CASE("a pack that is lost: nothing of all packs is said of some, and it comes back") {
  Joint joint(Joined::parallel, {a_member("a", 100, 80, -10), a_member("b", 300, 60, -24)});
  REQUIRE(joint.state().current_a == about(-34));

  joint[1].online = false;
  BankState bank = joint.state();
  CHECK(bank.online());
  CHECK(bank.fresh_members == 1);
  CHECK(bank.stale_packs == std::vector<std::string>{"b"});
  CHECK(bank.problem == "Not heard: b.");
  for (const auto& [key, value] : {std::pair{"current_a", bank.current_a},
                                   {"power_w", bank.power_w},
                                   {"remaining_ah", bank.remaining_ah},
                                   {"headroom_ah", bank.headroom_ah}}) {
    CAPTURE(key);
    CHECK_FALSE(value);
    CHECK(bank.reason.at(key) == "pack_not_heard");
  }
  CHECK(bank.soc_pct == about(80));        // over the one that is heard
  CHECK(bank.usable_now_ah == about(80));  // what a alone gives
  CHECK(bank.installed_ah == about(400));  // b is still there
  CHECK(bank.pack_v == about(13.2));       // the bus is where a is
  CHECK(bank.discharge_on == true);        // through a

  // Online again, but what it said before is old.
  joint[1].online = true, joint[1].heard = false;
  CHECK(joint.state().fresh_members == 1);
  CHECK_FALSE(joint.state().current_a);
  joint[1].heard = true;
  CHECK(joint.state().current_a == about(-34));
  CHECK(joint.state().reason.empty() == false);  // no verdict yet; of the current there is none
  CHECK_FALSE(joint.state().reason.contains("current_a"));

  joint[0].online = joint[1].online = false;
  bank = joint.state();
  CHECK_FALSE(bank.online());
  CHECK(bank.stale_packs.size() == 2);
  for (const auto& value : {bank.pack_v, bank.current_a, bank.soc_pct, bank.usable_now_ah, bank.cell_max_v})
    CHECK_FALSE(value);
  CHECK_FALSE(bank.discharge_on);
  CHECK_FALSE(bank.taken_at);
  CHECK(bank.installed_ah == about(400));
}

TEST_CASE("in series a pack that is lost leaves only what each says for itself") {
  Joint joint(Joined::series, {a_member("a", 100, 80, 10), a_member("b", 120, 50, 10)});
  joint[1].online = false;
  const BankState bank = joint.state();
  for (const auto& value :
       {bank.pack_v, bank.current_a, bank.power_w, bank.remaining_ah, bank.usable_now_ah, bank.chargeable_now_ah})
    CHECK_FALSE(value);
  CHECK(bank.soc_pct == about(80));
  CHECK_FALSE(bank.charge_on);  // b may be switched off
  joint.reading(0).charge_on = false;
  CHECK(joint.state().charge_on == false);  // whatever b does
  CHECK(joint.state().chargeable_now_ah == about(0));
}

TEST_CASE("switches: in parallel the others go on, in series all stand still") {
  // a: 80 of 100 Ah, b: 180 of 300 Ah
  for (const Joined joined : {Joined::parallel, Joined::series}) {
    Joint joint(joined, {a_member("a", 100, 80, 0), a_member("b", 300, 60, 0)});
    joint.reading(1).charge_on = false;
    const BankState bank = joint.state();
    const bool parallel = joined == Joined::parallel;
    CHECK(bank.charge_on == parallel);
    CHECK(bank.discharge_on == true);
    CHECK(bank.chargeable_now_ah == about(parallel ? 20 : 0));
    CHECK(bank.usable_now_ah == about(parallel ? 260 : 80));
    CHECK(bank.headroom_ah == about(parallel ? 140 : 20));  // it is only switched off
    joint.reading(1).charge_on.reset();
    CHECK_FALSE(joint.state().chargeable_now_ah);  // b does not tell
    CHECK(joint.state().charge_on == (parallel ? std::optional(true) : std::nullopt));
  }
}

TEST_CASE("in parallel a pack whose voltage is far off is not connected, and that is said") {
  // 1 % of the mean (13.2 V) is 0.132 V.
  Joint joint(Joined::parallel, {a_member("a", 100, 80, -10, 13.14), a_member("b", 100, 60, 0, 13.26)});
  CHECK(joint.state().pack_v == about(13.20));  // 0.12 V apart

  joint.after(10);
  joint.reading(1).pack_v = 13.64;  // 0.50 V apart
  BankState bank = joint.state();
  CHECK(bank.pack_v == about(13.39));  // the load may have stepped between the two readings
  CHECK_FALSE(bank.problem);
  joint.after(60);
  CHECK(joint.state().pack_v);
  joint.after(1);
  bank = joint.state();
  CHECK_FALSE(bank.pack_v);
  CHECK(bank.reason.at("pack_v") == "voltages_apart");
  CHECK(bank.pack_v_spread_v == about(0.5));
  CHECK(bank.reason.at("usable_now_ah") == "voltages_apart");
  CHECK(bank.reason.at("chargeable_now_ah") == "voltages_apart");
  CHECK(bank.problem == "These packs are not connected in parallel: a with 13.14 V and b with 13.64 V.");
  CHECK(bank.current_a == about(-10));  // what flows, flows

  joint.after(1);
  joint.reading(1).pack_v = 13.20;
  CHECK(joint.state().pack_v == about(13.17));
  CHECK_FALSE(joint.state().problem);
}

TEST_CASE("packs that never agreed have no voltage together, from the first reading on") {
  Joint joint(Joined::parallel, {a_member("a", 100, 80, 0, 13.2), a_member("b", 100, 60, 0, 14.0)});
  CHECK_FALSE(joint.state().pack_v);
  CHECK_FALSE(joint.state().problem);
  joint.after(61);
  CHECK(joint.state().problem);
}

TEST_CASE("a pack that is switched off goes its own way: the bus is where the others are") {
  Joint joint(Joined::parallel, {a_member("a", 100, 80, 0, 14.2), a_member("b", 100, 60, 0, 13.4)});
  joint.reading(1).charge_on = false;
  CHECK(joint.state().pack_v == about(14.2));
  CHECK(joint.state().pack_v_spread_v == about(0));
  joint.reading(0).discharge_on = false;  // none is wholly on: all are looked at
  CHECK_FALSE(joint.state().pack_v);
}

TEST_CASE("in series the current must be one") {
  // 10 % of 40 A is 4 A.
  Joint joint(Joined::series, {a_member("a", 100, 80, 40), a_member("b", 100, 80, 36.1)});
  CHECK(joint.state().current_a == about(40));
  joint.after(1);
  joint.reading(1).current_a = 10;  // a step of the load between the two
  CHECK(joint.state().current_a);
  joint.after(61);
  const BankState bank = joint.state();
  CHECK_FALSE(bank.current_a);
  CHECK(bank.reason.at("current_a") == "currents_apart");
  CHECK(bank.problem ==
        "These packs are not in series, or a current is measured wrong: a and b tell different currents.");
  joint.reading(1).current_a = 40;
  CHECK(joint.state().current_a == about(40));

  // Near zero, 2 A.
  joint.reading(0).current_a = 0.5, joint.reading(1).current_a = -1.4;
  for (int i = 0; i < 2; ++i) {
    joint.after(100);
    CHECK(joint.state().current_a);
    CHECK_FALSE(joint.state().problem);
  }
}

TEST_CASE("readings that are not of one moment are not added up") {
  for (const Joined joined : {Joined::parallel, Joined::series}) {
    Joint joint(joined, {a_member("a", 100, 80, -10), a_member("b", 100, 60, -10)});
    joint.reading(1).steady_s += 60;
    CHECK(joint.state().current_a);
    joint.reading(1).steady_s += 1;
    const BankState bank = joint.state();
    CHECK_FALSE(bank.current_a);
    CHECK_FALSE(bank.power_w);
    CHECK(bank.reason.at("current_a") == "readings_apart");
    CHECK(bank.soc_pct == about(70));
  }
}

TEST_CASE("what a pack does not tell is not guessed") {
  Joint joint(Joined::parallel, {a_member("a", 100, 80, -10), a_member("b", 300, 60, -24)});
  joint.reading(0).current_a.reset();
  CHECK(joint.state().reason.at("current_a") == "not_told");
  CHECK(joint.state().reason.at("power_w") == "not_told");
  joint.reading(0).power_w = -132;
  CHECK(joint.state().power_w == about(-132 - 24 * 13.2));

  joint.reading(1).remaining_ah.reset();
  CHECK(joint.state().remaining_ah == about(80 + 180));  // of 300 Ah 60 %
  joint.reading(1).soc_pct.reset();
  CHECK_FALSE(joint.state().remaining_ah);
  CHECK_FALSE(joint.state().usable_now_ah);
  CHECK(joint.state().reason.at("soc_pct") == "not_told");

  joint.reading(1).soc_pct = 60;
  joint[1].pack.capacity_ah.reset(), joint.reading(1).full_ah.reset();
  CHECK(joint.state().reason.at("soc_pct") == "no_capacity");
  CHECK(joint.state().reason.at("installed_ah") == "no_capacity");
  joint[1].from_bms.capacity_ah = 100;  // what the BMS is set to
  CHECK(joint.state().soc_pct == about(70));
  joint[1].from_bms.capacity_ah.reset(), joint.reading(1).full_ah = 100;  // what it holds today
  CHECK(joint.state().soc_pct == about(70));
  joint[0].online = false, joint.reading(1).full_ah.reset();
  CHECK(joint.state().soc_pct == about(60));  // alone it needs no weight

  joint.reading(1).pack_v.reset();
  CHECK(joint.state().reason.at("pack_v") == "not_told");
}

TEST_CASE("the extreme cells are named with their pack, over the fresh ones") {
  Joint joint(Joined::parallel, {a_member("a", 100, 80, 0), a_member("b", 100, 60, 0), a_member("c", 100, 60, 0)});
  joint.reading(0).cells_v = {3.31, 3.35, std::nullopt, 3.30};
  joint.reading(1).cells_v = {3.32, 3.34, 3.29, 3.33};
  joint.reading(2).cells_v = {3.10, 3.60, 3.20, 3.20};
  joint[2].online = false;
  BankState bank = joint.state();
  CHECK(bank.cell_max_v == about(3.35));
  CHECK(bank.cell_max_pack == "a");
  CHECK(bank.cell_max_n == 2);
  CHECK(bank.cell_min_v == about(3.29));
  CHECK(bank.cell_min_pack == "b");
  CHECK(bank.cell_min_n == 3);
  CHECK(bank.cell_delta_mv == about(60));
  joint[2].online = true;
  bank = joint.state();
  CHECK(bank.cell_max_pack == "c");
  CHECK(bank.cell_min_pack == "c");
  CHECK(bank.cell_min_n == 1);
}

TEST_CASE("packs of different cell counts do not belong in parallel") {
  Joint joint(Joined::parallel, {a_member("a", 100, 80, 0), a_member("b", 100, 60, 0)});
  joint.reading(1).cells_v.push_back(3.3);
  CHECK(joint.state().problem == "Packs with different numbers of cells do not belong in parallel.");
  joint[0].online = false;
  CHECK(joint.state().problem == "Not heard: a.");
}

TEST_CASE("the time of a bank is that of its oldest reading") {
  using std::chrono::seconds;
  Joint joint(Joined::parallel, {a_member("a", 100, 80, 0), a_member("b", 100, 60, 0)});
  joint.reading(0).taken_at = UtcTime(seconds(500)), joint.reading(1).taken_at = UtcTime(seconds(498));
  CHECK(joint.state().taken_at == UtcTime(seconds(498)));
}
