// Keeping to a bank's limits, no pack reaches its own.
#include "daemon/banks/bank_limits.h"

#include <doctest/doctest.h>

#include "tests/banks/members.h"

using namespace cellwarden;
using test::a_member, test::about, test::Joint;

namespace {

Limits of_bms(double cell_ovp_v, double cell_uvp_v, double pack_ovp_v, double pack_uvp_v, double charge_ocp_a,
              double discharge_ocp_a) {
  Limits limits;
  limits.cell_ovp_v = cell_ovp_v, limits.cell_uvp_v = cell_uvp_v;
  limits.cell_ovp_release_v = cell_ovp_v - 0.2, limits.cell_uvp_release_v = cell_uvp_v + 0.3;
  limits.pack_ovp_v = pack_ovp_v, limits.pack_uvp_v = pack_uvp_v;
  limits.charge_ocp_a = charge_ocp_a, limits.discharge_ocp_a = discharge_ocp_a;
  limits.charge_otp_c = 65, limits.charge_utp_c = 0;
  limits.balance_start_v = 3.4, limits.soc_full_cell_v = 3.45;
  return limits;
}

Joint two(Joined joined) {
  Joint joint(joined, {a_member("a", 100, 80, 0), a_member("b", 120, 60, 0)});
  joint[0].from_bms = of_bms(3.65, 2.5, 14.6, 10.0, 100, 150);
  joint[1].from_bms = of_bms(3.60, 2.8, 14.4, 11.2, 80, 200);
  joint[1].from_bms.charge_otp_c = 55, joint[1].from_bms.charge_utp_c = 5;
  return joint;
}

}  // namespace

TEST_CASE("in parallel: the lowest of the highest, the highest of the lowest") {
  Joint joint = two(Joined::parallel);
  const Limits limits = joint.state().limits;
  CHECK(limits.cell_ovp_v == about(3.60));
  CHECK(limits.cell_ovp_release_v == about(3.40));
  CHECK(limits.cell_uvp_v == about(2.8));
  CHECK(limits.cell_uvp_release_v == about(3.1));
  CHECK(limits.pack_ovp_v == about(14.4));
  CHECK(limits.pack_uvp_v == about(11.2));
  CHECK(limits.charge_otp_c == about(55));
  CHECK(limits.charge_utp_c == about(5));
  CHECK(limits.capacity_ah == about(220));
  CHECK(limits.cell_count == 4);
  CHECK_FALSE(limits.balance_start_v);  // each pack's own affair
  CHECK_FALSE(limits.soc_full_cell_v);
}

TEST_CASE("in parallel: the current that the others carry when one pack drops out") {
  // Two: what the weaker one carries alone. Three with 100, 80, 90 A: twice 80 A.
  Joint joint = two(Joined::parallel);
  CHECK(joint.state().limits.charge_ocp_a == about(80));
  CHECK(joint.state().limits.discharge_ocp_a == about(150));
  joint.packs.push_back(a_member("c", 100, 60, 0));
  joint[2].from_bms = of_bms(3.65, 2.5, 14.6, 10.0, 90, 300);
  CHECK(joint.state().limits.charge_ocp_a == about(160));
  CHECK(joint.state().limits.discharge_ocp_a == about(300));

  // Who is switched off or not heard carries nothing, but its limit counts: it may come back.
  joint.reading(0).charge_on = false;
  CHECK(joint.state().limits.charge_ocp_a == about(80));
  CHECK(joint.state().limits.discharge_ocp_a == about(300));
  joint[1].online = false;
  CHECK(joint.state().limits.charge_ocp_a == about(80));
  CHECK(joint.state().limits.discharge_ocp_a == about(150));
  joint.reading(2).charge_on = false;
  CHECK_FALSE(joint.state().limits.charge_ocp_a);  // nobody is known to take any
}

TEST_CASE("in series: the string's voltage at which the tightest pack is at its own, and the lowest current") {
  // 4 cells of 3.65 V and 8 of 3.60 V: 12 x 3.60 = 43.2 V (the sum, 43.4 V, would trip b). Below, b again, at 2.8 V
  // a cell: 12 x 2.8 = 33.6 V.
  Joint joint = two(Joined::series);
  joint.reading(1).cells_v.assign(8, 3.3);
  joint[1].from_bms.pack_ovp_v = 28.8, joint[1].from_bms.pack_uvp_v = 22.4;
  const Limits limits = joint.state().limits;
  CHECK(limits.pack_ovp_v == about(43.2));
  CHECK(limits.pack_uvp_v == about(33.6));
  CHECK(limits.cell_ovp_v == about(3.60));
  CHECK(limits.charge_ocp_a == about(80));
  CHECK(limits.discharge_ocp_a == about(150));
  CHECK(limits.capacity_ah == about(100));
  CHECK(limits.cell_count == 12);
  joint.packs.push_back(joint[0]);
  CHECK(joint.state().limits.charge_ocp_a == about(80));  // however many
}

TEST_CASE("what is not known of every pack is not known of the bank; the owner's word is before the BMS's") {
  Joint joint = two(Joined::parallel);
  joint[0].from_bms.cell_ovp_v.reset();
  CHECK_FALSE(joint.state().limits.cell_ovp_v);
  CHECK(joint.state().limits.cell_uvp_v);
  joint[0].pack.limits.cell_ovp_v = 3.5;
  CHECK(joint.state().limits.cell_ovp_v == about(3.5));

  CHECK_FALSE(joint.state().limits.chemistry);
  joint[0].pack.chemistry = "lfp", joint[1].from_bms.chemistry = "lfp";
  CHECK(joint.state().limits.chemistry == "lfp");
  joint[1].pack.chemistry = "nmc";
  CHECK_FALSE(joint.state().limits.chemistry);
  joint.reading(1).cells_v.resize(3);
  CHECK_FALSE(joint.state().limits.cell_count);
}
