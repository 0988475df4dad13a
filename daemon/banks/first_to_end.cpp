#include "daemon/banks/first_to_end.h"

#include "daemon/banks/sentences.h"

#include <cstdio>

namespace cellwarden {

namespace {

/// Whether `a` ends its charge before `b`; both have a verdict.
bool ends_before(const ChargeOutlook& a, const ChargeOutlook& b) {
  const auto &now_a = a.minutes_to_stop.value, &now_b = b.minutes_to_stop.value;
  if (now_a && now_b && *now_a != *now_b) return *now_a < *now_b;
  if (now_a.has_value() != now_b.has_value()) return now_a.has_value();
  return a.margin_mv.value && (!b.margin_mv.value || *a.margin_mv.value < *b.margin_mv.value);
}

std::string in_minutes(const std::optional<double>& minutes) {
  if (!minutes) return "";
  char text[32];
  std::snprintf(text, sizeof text, " in %.0f min", *minutes);
  return *minutes < 1 ? " within a minute" : text;
}

std::string sentence(const BankState& bank) {
  const std::string cell = bank.first_full_cell ? "cell " + std::to_string(*bank.first_full_cell) : "a cell";
  const std::string of_these = bank.stale_packs.empty() ? "" : " Not every pack is heard.";
  if (bank.charge_verdict == ChargeVerdict::bms) {
    return *bank.first_full_pack + ": its BMS ends its charge first" + in_minutes(bank.minutes_to_stop) + ", because " +
           cell + " is full; " +
           (bank.joined == Joined::series ? "in series that ends the charge of all."
                                          : "in parallel the others go on and take its current too.") +
           of_these;
  }
  const std::string nearest = *bank.first_full_pack + ", " + cell + "." + of_these;
  if (bank.charge_verdict == ChargeVerdict::marginal)
    return "Whether the charger or a BMS ends the charge is too close to say; nearest to its limit comes " + nearest;
  return "The charger ends the charge before a BMS does; nearest to its limit comes " + nearest;
}

}  // namespace

void say_first_to_end(const Members& members, BankState& into) {
  const auto unknown = [&](std::string_view why) {
    for (const char* key : {"first_full_pack", "first_full_cell", "charge_verdict", "charge_margin_mv",
                            "minutes_to_stop", "v_pack_at_first_cell_limit"})
      into.reason[key] = why;
  };
  if (into.fresh_members == 0 || (into.joined == Joined::series && !into.stale_packs.empty()))
    return unknown("pack_not_heard");

  const Member* first = nullptr;
  std::optional<Reason> open;  // why a fresh member has no verdict
  for (const Member* member : members) {
    if (!member->fresh()) continue;
    if (!member->outlook.verdict.value) {
      open = member->outlook.verdict.reason;
    } else if (!first || ends_before(member->outlook, first->outlook)) {
      first = member;
    }
  }
  if (open && (!first || first->outlook.verdict.value != ChargeVerdict::bms)) return unknown(name(*open));

  const ChargeOutlook& outlook = first->outlook;
  into.first_full_pack = first->pack.id;
  const auto take = [&]<class T>(const char* key, std::optional<T>& value, const Output<T>& from) {
    value = from.value;
    if (!value && from.reason != Reason::none) into.reason[key] = name(from.reason);
  };
  take("first_full_cell", into.first_full_cell, outlook.first_full_cell);
  take("charge_verdict", into.charge_verdict, outlook.verdict);
  take("charge_margin_mv", into.charge_margin_mv, outlook.margin_mv);
  take("minutes_to_stop", into.minutes_to_stop, outlook.minutes_to_stop);
  take("v_pack_at_first_cell_limit", into.v_pack_at_first_cell_limit, outlook.v_pack_at_first_cell_limit);
  into.advice = within_255(sentence(into));
}

}  // namespace cellwarden
