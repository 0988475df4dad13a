#include "daemon/banks/bank.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "daemon/banks/bank_limits.h"
#include "daemon/banks/first_to_end.h"
#include "daemon/banks/sentences.h"

namespace cellwarden {

namespace {

using Value = std::optional<double>;

constexpr double one_moment_s = 60;      // as long as energy is counted between two readings
constexpr double voltages_apart = 0.01;  // of the voltage: more than boards are wrong and cables cost
constexpr double currents_apart = 0.1, currents_apart_a = 2;  // shunts are wrong by less

/// One value of each member.
std::vector<Value> of_each(const Members& members, const std::function<Value(const Member&)>& what) {
  std::vector<Value> all;
  for (const Member* member : members) all.push_back(what(*member));
  return all;
}
std::function<Value(const Member&)> reads(Value Reading::*value) {
  return [value](const Member& member) { return (*member.reading).*value; };
}
bool all_known(const std::vector<Value>& values) {
  return !values.empty() && std::ranges::all_of(values, [](const Value& value) { return value.has_value(); });
}
Value sum(const std::vector<Value>& values) {
  if (!all_known(values)) return std::nullopt;
  double all = 0;
  for (const Value& value : values) all += *value;
  return all;
}
Value smallest(const std::vector<Value>& values) {
  return all_known(values) ? *std::ranges::min_element(values) : std::nullopt;
}
Value spread(const std::vector<Value>& values) {
  if (!all_known(values)) return std::nullopt;
  return **std::ranges::max_element(values) - **std::ranges::min_element(values);
}
Value mean(const std::vector<Value>& values) {
  const Value all = sum(values);
  return all ? std::optional(*all / static_cast<double>(values.size())) : std::nullopt;
}

Value power_w(const Member& member) {
  const Reading& reading = *member.reading;
  if (reading.power_w) return reading.power_w;
  return reading.pack_v && reading.current_a ? std::optional(*reading.pack_v * *reading.current_a) : std::nullopt;
}

bool of_one_moment(const Members& fresh) {
  const auto [oldest, newest] = std::ranges::minmax(fresh, {}, [](const Member* m) { return m->reading->steady_s; });
  return newest->reading->steady_s - oldest->reading->steady_s <= one_moment_s;
}

/// Of a single pack the weight does not matter.
void say_soc(const Members& fresh, BankState& into) {
  double charge = 0, capacity = 0;
  for (const Member* member : fresh) {
    const Value soc = member->reading->soc_pct, ah = fresh.size() == 1 ? 1 : member->capacity_ah();
    if (!soc || !ah) {
      into.reason["soc_pct"] = soc ? "no_capacity" : "not_told";
      return;
    }
    charge += *soc * *ah, capacity += *ah;
  }
  into.soc_pct = charge / capacity;
}

void say_cells(const Members& fresh, BankState& into) {
  for (const Member* member : fresh) {
    const auto cells = summarise(member->reading->cells_v);
    if (!cells) continue;
    if (!into.cell_max_v || cells->cell_max_v > *into.cell_max_v)
      into.cell_max_v = cells->cell_max_v, into.cell_max_n = cells->cell_max_n, into.cell_max_pack = member->pack.id;
    if (!into.cell_min_v || cells->cell_min_v < *into.cell_min_v)
      into.cell_min_v = cells->cell_min_v, into.cell_min_n = cells->cell_min_n, into.cell_min_pack = member->pack.id;
  }
  if (into.cell_max_v) into.cell_delta_mv = (*into.cell_max_v - *into.cell_min_v) * 1000;
}

/// Whether current can flow: through any of the packs, or through every one.
std::optional<bool> joined_switch(const Members& fresh, const BankState& bank, std::optional<bool> Reading::*value) {
  const bool deciding = bank.joined == Joined::parallel;  // one that is on settles it, or one that is off
  bool open = !bank.stale_packs.empty();
  for (const Member* member : fresh) {
    const auto on = (*member->reading).*value;
    if (on == deciding) return deciding;
    open |= !on;
  }
  return open ? std::nullopt : std::optional(!deciding);
}

/// What can go out (in) now.
void say_usable(const Members& fresh, const BankState& bank, std::optional<bool> Reading::*value,
                const std::function<Value(const Member&)>& ah, Value& into, std::string& why) {
  Members on;
  for (const Member* member : fresh) {
    const auto is_on = (*member->reading).*value;
    if (!is_on) return void(why = "not_told");
    if (*is_on) on.push_back(member);
  }
  if (bank.joined == Joined::series && on.size() < fresh.size()) return void(into = 0);
  if (bank.joined == Joined::series && !bank.stale_packs.empty()) return void(why = "pack_not_heard");
  if (on.empty()) return void(into = 0);
  const auto each = of_each(on, ah);
  into = bank.joined == Joined::parallel ? sum(each) : smallest(each);
  if (!into) why = "no_capacity";
}

/// Those that must show one voltage; a pack with a switch off goes its own way.
Members at_the_bus(const Members& fresh) {
  Members all;
  std::ranges::copy_if(fresh, std::back_inserter(all), [](const Member* member) { return member->connected(); });
  return all.empty() ? fresh : all;
}

std::string volts(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f V", value);
  return text;
}

}  // namespace

BankState Bank::join(const Members& members) {
  BankState bank;
  bank.joined = settings_.joined, bank.packs = settings_.packs, bank.members = static_cast<int>(members.size());
  Members fresh;
  for (const Member* member : members) {
    if (member->fresh()) {
      fresh.push_back(member);
    } else {
      bank.stale_packs.push_back(member->pack.id);
    }
  }
  bank.fresh_members = static_cast<int>(fresh.size());
  bank.limits = combined_limits(bank.joined, members);
  const auto capacities = of_each(members, [](const Member& member) { return member.capacity_ah(); });
  bank.installed_ah = bank.joined == Joined::parallel ? sum(capacities) : smallest(capacities);
  if (!bank.installed_ah) bank.reason["installed_ah"] = "no_capacity";
  say_first_to_end(members, bank);
  if (fresh.empty()) {
    one_voltage_.look_away(), one_current_.look_away();
    for (const char* key : {"pack_v", "current_a", "power_w", "soc_pct", "remaining_ah", "headroom_ah", "usable_now_ah",
                            "chargeable_now_ah", "charge_on", "discharge_on", "cell_max_v", "cell_min_v"})
      bank.reason[key] = "pack_not_heard";
    return bank;
  }

  for (const Member* member : fresh) {
    const Reading& reading = *member->reading;
    bank.steady_s = std::max(bank.steady_s, reading.steady_s);
    if (!bank.taken_at || (reading.taken_at && *reading.taken_at < *bank.taken_at)) bank.taken_at = reading.taken_at;
  }
  say_voltage(fresh, bank);
  say_current(fresh, bank);
  say_soc(fresh, bank);
  say_cells(fresh, bank);
  bank.charge_on = joined_switch(fresh, bank, &Reading::charge_on);
  bank.discharge_on = joined_switch(fresh, bank, &Reading::discharge_on);

  const auto remaining = [](const Member& member) { return member.remaining_ah(); };
  const auto headroom = [](const Member& member) { return member.headroom_ah(); };
  const auto of_all = [&](const char* key, Value& into, const auto& what) {
    const auto each = of_each(fresh, what);
    if (bank.stale_packs.empty()) into = bank.joined == Joined::parallel ? sum(each) : smallest(each);
    if (!into) bank.reason[key] = bank.stale_packs.empty() ? "no_capacity" : "pack_not_heard";
  };
  of_all("remaining_ah", bank.remaining_ah, remaining);
  of_all("headroom_ah", bank.headroom_ah, headroom);
  const auto usable = [&](const char* key, Value& into, auto value, const auto& what) {
    std::string why;
    if (bank.joined == Joined::parallel && !one_voltage_.believed()) {
      why = "voltages_apart";
    } else {
      say_usable(fresh, bank, value, what, into, why);
    }
    if (!why.empty()) bank.reason[key] = why;
  };
  usable("usable_now_ah", bank.usable_now_ah, &Reading::discharge_on, remaining);
  usable("chargeable_now_ah", bank.chargeable_now_ah, &Reading::charge_on, headroom);
  if (auto what = problem(fresh, bank); !what.empty()) bank.problem = within_255(std::move(what));
  return bank;
}

void Bank::say_voltage(const Members& fresh, BankState& into) {
  if (into.joined == Joined::series) {
    if (into.stale_packs.empty()) into.pack_v = sum(of_each(fresh, reads(&Reading::pack_v)));
    if (!into.pack_v) into.reason["pack_v"] = into.stale_packs.empty() ? "not_told" : "pack_not_heard";
    return;
  }
  const auto each = of_each(at_the_bus(fresh), reads(&Reading::pack_v));
  into.pack_v_spread_v = spread(each);
  if (!into.pack_v_spread_v) {
    one_voltage_.look_away();
    into.reason["pack_v"] = "not_told";
    return;
  }
  if (each.size() > 1) {
    one_voltage_.look(*into.pack_v_spread_v <= voltages_apart * *mean(each) + 1e-9, into.steady_s);
  } else {
    one_voltage_.look_away();
  }
  if (one_voltage_.believed()) {
    into.pack_v = mean(each);
  } else {
    into.reason["pack_v"] = "voltages_apart";
  }
}

void Bank::say_current(const Members& fresh, BankState& into) {
  const auto currents = of_each(fresh, reads(&Reading::current_a));
  const bool is_one = into.joined == Joined::series;
  if (is_one && all_known(currents) && currents.size() > 1) {
    const double most =
        std::abs(**std::ranges::max_element(currents, {}, [](const Value& current) { return std::abs(*current); }));
    one_current_.look(*spread(currents) <= std::max(currents_apart_a, currents_apart * most), into.steady_s);
  } else {
    one_current_.look_away();
  }

  std::string why = !into.stale_packs.empty()            ? "pack_not_heard"
                    : !of_one_moment(fresh)              ? "readings_apart"
                    : is_one && !one_current_.believed() ? "currents_apart"
                                                         : "";
  if (why.empty()) {
    if (is_one) {
      const auto newest = std::ranges::max_element(fresh, {}, [](const Member* m) { return m->reading->steady_s; });
      into.current_a = all_known(currents) ? (*newest)->reading->current_a : std::nullopt;
    } else {
      into.current_a = sum(currents);
    }
    into.power_w = sum(of_each(fresh, power_w));
    why = "not_told";
  }
  if (!into.current_a) into.reason["current_a"] = why;
  if (!into.power_w) into.reason["power_w"] = why;
}

/// What is most wrong, for its owner; empty: nothing.
std::string Bank::problem(const Members& fresh, const BankState& bank) const {
  std::string all;
  const auto add = [&](const std::string& text) { all += (all.empty() ? "" : " ") + text; };
  if (bank.joined == Joined::parallel && one_voltage_.apart_for_long()) {
    std::vector<std::string> each;
    for (const Member* member : at_the_bus(fresh))
      each.push_back(member->pack.id + " with " + volts(member->reading->pack_v.value_or(0)));
    add("These packs are not connected in parallel: " + listed(each) + ".");
  }
  if (bank.joined == Joined::series && one_current_.apart_for_long())
    add("These packs are not in series, or a current is measured wrong: " + listed(bank.packs) +
        " tell different currents.");
  std::set<std::size_t> counts;
  for (const Member* member : fresh) counts.insert(member->reading->cells_v.size());
  if (bank.joined == Joined::parallel && counts.size() > 1)
    add("Packs with different numbers of cells do not belong in parallel.");
  if (!bank.stale_packs.empty()) add("Not heard: " + listed(bank.stale_packs) + ".");
  return all;
}

}  // namespace cellwarden
