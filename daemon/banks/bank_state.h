#pragma once
// What a bank is at one moment: its members taken together, in the names and units of the vocabulary (battery.h).
// Current and power are positive when charging. A member is fresh while it is online and was heard since it came back.
// What cannot be said is absent, and `reason` says why; nothing is ever the sum of some members under the name of all.
//
//                  parallel                                        series
//   pack_v         mean of the connected, where within 1 %         sum, all fresh
//   pack_v_spread_v  highest less lowest of the connected          -
//   current_a      sum, all fresh                                  one: as heard last, where all agree; all fresh
//   power_w        sum, all fresh                                  sum, all fresh
//   soc_pct        mean of the fresh, weighted by capacity (fresh_members of members)
//   remaining_ah   sum, all fresh                                  the smallest, all fresh
//   headroom_ah    room until full: likewise
//   installed_ah   sum of all capacities, heard or not             the smallest
//   usable_now_ah  remaining of the fresh that discharge           the smallest, all fresh; 0 where one is switched off
//   chargeable_now_ah  headroom of the fresh that charge           likewise
//   charge_on      any                                             every one
//
// Connected: fresh, and no switch (MOSFET) off. Where none is, all fresh are looked at.
// Readings more than 60 s apart are not of one moment: then there is no current and no power.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/analysis/insight.h"
#include "daemon/banks/bank_settings.h"
#include "protocols/battery.h"

namespace cellwarden {

struct BankState {
  double steady_s = 0;              ///< of the newest reading in it; not published
  std::optional<UtcTime> taken_at;  ///< of the oldest
  Joined joined = Joined::parallel;
  std::vector<std::string> packs, stale_packs;  ///< ids: all, and those that are not fresh
  int members = 0, fresh_members = 0;

  std::optional<double> pack_v, pack_v_spread_v, current_a, power_w, soc_pct;
  std::optional<double> remaining_ah, headroom_ah, installed_ah, usable_now_ah, chargeable_now_ah;
  std::optional<bool> charge_on, discharge_on;

  // The extreme cells of the fresh members.
  std::optional<double> cell_max_v, cell_min_v, cell_delta_mv;
  std::optional<std::string> cell_max_pack, cell_min_pack;
  std::optional<int> cell_max_n, cell_min_n;

  // The pack that ends the charge first, and what its insight says of that (first_to_end.h).
  std::optional<std::string> first_full_pack;
  std::optional<int> first_full_cell;
  std::optional<ChargeVerdict> charge_verdict;
  std::optional<double> charge_margin_mv, minutes_to_stop, v_pack_at_first_cell_limit;

  std::optional<std::string> advice, problem;  ///< a sentence each, or nothing to say
  std::map<std::string, std::string> reason;   ///< by name, why it is absent

  Limits limits;  ///< combined (bank_limits.h); not part of the state's message

  bool online() const { return fresh_members > 0; }
  bool operator==(const BankState&) const = default;
};

template <class B, class Visit>
void each_member(B& b, Visit&& visit, const BankState*) {
  visit("taken_at", b.taken_at), visit("packs", b.packs), visit("stale_packs", b.stale_packs);
  visit("members", b.members), visit("fresh_members", b.fresh_members);
  visit("pack_v", b.pack_v), visit("pack_v_spread_v", b.pack_v_spread_v), visit("current_a", b.current_a);
  visit("power_w", b.power_w), visit("soc_pct", b.soc_pct), visit("remaining_ah", b.remaining_ah);
  visit("headroom_ah", b.headroom_ah), visit("installed_ah", b.installed_ah);
  visit("usable_now_ah", b.usable_now_ah), visit("chargeable_now_ah", b.chargeable_now_ah);
  visit("charge_on", b.charge_on), visit("discharge_on", b.discharge_on);
  visit("cell_max_v", b.cell_max_v), visit("cell_max_pack", b.cell_max_pack), visit("cell_max_n", b.cell_max_n);
  visit("cell_min_v", b.cell_min_v), visit("cell_min_pack", b.cell_min_pack), visit("cell_min_n", b.cell_min_n);
  visit("cell_delta_mv", b.cell_delta_mv), visit("first_full_pack", b.first_full_pack);
  visit("first_full_cell", b.first_full_cell), visit("charge_verdict", b.charge_verdict);
  visit("charge_margin_mv", b.charge_margin_mv), visit("minutes_to_stop", b.minutes_to_stop);
  visit("v_pack_at_first_cell_limit", b.v_pack_at_first_cell_limit);
  visit("advice", b.advice), visit("problem", b.problem);
}

}  // namespace cellwarden
