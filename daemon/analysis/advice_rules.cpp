#include "daemon/analysis/advice_rules.h"

#include <cctype>
#include <cstdio>

namespace cellwarden {

namespace {

using Maybe = std::optional<Advice>;

struct Known {
  const Terms& terms;
  const Memory& memory;
  const Insight& insight;
};

std::string format(const char* form, double value) {
  char text[32];
  std::snprintf(text, sizeof text, form, value);
  return text;
}

// Coarse: what a sentence says must not look exact.
std::string ah_text(double ah) { return format(ah < 3 ? "%.1f Ah" : "%.0f Ah", ah); }
std::string rate_text(double pp_day) { return format(pp_day < 0.1 ? "%.2f %% a day" : "%.1f %% a day", pp_day); }
std::string days_text(double days) {
  if (days < 14) return format("%.0f days", std::max(2.0, days));
  if (days < 70) return format("%.0f weeks", days / 7);
  if (days < 700) return format("%.0f months", days / 30.4);
  return "years";
}
std::string range_text(const Insight& i) {
  return format("%.0f to ", std::max(1.0, *i.balance_days_least.value)) +
         format("%.0f days", std::max(2.0, *i.balance_days_most.value));
}

std::string cell_text(int cell) { return cell > 0 ? "cell " + std::to_string(cell) : "a cell"; }
std::string cell_text(const Output<int>& cell) { return cell_text(cell.value.value_or(0)); }
std::string sentence(std::string text) {
  text.front() = static_cast<char>(std::toupper(text.front()));
  return text;
}

/// What the cell that is farthest behind lacks when the first is full.
struct Lack {
  int cell = 0;
  double ah = 0;
  bool at_least = false;
};
Lack most_lacking(const Insight& i) {
  Lack most;
  for (std::size_t n = 0; n < i.offset_top_ah.size(); ++n) {
    const auto &ah = i.offset_top_ah[n].value, &bound = i.offset_top_at_least_ah[n].value;
    const double lacks = ah ? *ah : bound.value_or(0);
    if (lacks > most.ah) most = {static_cast<int>(n) + 1, lacks, !ah};
  }
  return most;
}
double ah_give(const Known& k, double ah) { return std::max(0.02 * k.terms.capacity_ah, 0.3 * ah); }

Maybe on_silence(const Known& k) {
  switch (k.insight.charge_verdict.value ? Reason::none : k.insight.charge_verdict.reason) {
    case Reason::no_readings:
      return Advice{};
    case Reason::chemistry_unknown:
      return Advice{"Set chemistry (lfp, nmc or lto) for this pack: nothing can be worked out without it."};
    case Reason::no_capacity:
      return Advice{"Set capacity_ah for this pack: the BMS does not say it."};
    case Reason::no_current:
      return Advice{
          "The BMS does not tell the current, and without it cell voltages say neither how full nor how balanced the "
          "pack is."};
    case Reason::bad_cells:
      return Advice{
          "A cell reads a voltage that this chemistry does not have: look at the sense wires, and whether chemistry "
          "is set right."};
    case Reason::stale:
      return Advice{
          "The BMS sends the same values again and again while current flows: what it says now is not to be trusted."};
    case Reason::too_many_cells:
      return Advice{"A pack of so many cells is not followed: only what the BMS itself says of it is shown."};
    default:
      return {};
  }
}

/// In the first knee ever seen.
Maybe on_this_charge(const Known& k) {
  const Insight& i = k.insight;
  if (i.charge_verdict.value != ChargeVerdict::bms || i.recommended_charge_v.reason != Reason::top_never_seen)
    return {};
  return Advice{"The BMS will end this charge because " + cell_text(i.first_full_cell) +
                " is full first: what to set is worked out when it is over."};
}

Maybe on_equalise(const Known& k) {
  if (!k.insight.equalise_first.value.value_or(false)) return {};
  return Advice{
      "The cells are too far apart to balance. First equalise them, in parallel through a resistor, or charge each "
      "alone to " +
      format("%.2f V", k.terms.chemistry->balance_start_v + 0.05) +
      ". Equal voltages are not yet a balance: balance at the top after it."};
}

std::string how_to_balance(const Insight& i) {
  if (i.top_balance.value.value_or(false)) return " by hand.";
  if (i.let_bms_balance.value.value_or(false) && i.balance_days.value)
    return "; the balancer needs about " + range_text(i) + " for that.";
  return i.balance_never.value.value_or(false) ? "; the balancer alone will not do it." : ".";
}

Maybe on_charge(const Known& k) {
  const Insight& i = k.insight;
  if (i.charge_verdict.value != ChargeVerdict::bms || on_this_charge(k)) return {};
  const Lack lack = most_lacking(i);
  const std::string ah = (lack.at_least ? "at least " : "up to ") + ah_text(lack.ah);
  const bool leaks =
      lack.cell > 0 && i.drift_significant[static_cast<std::size_t>(lack.cell) - 1].value.value_or(false);
  const int cell = leaks ? lack.cell : i.first_full_cell.value.value_or(0);
  std::string text = sentence(cell_text(cell));
  if (leaks) {
    text += " loses charge and lacks " + ah + " when the BMS ends the next charge";
  } else {
    text += " is full first, so the BMS ends the next charge";
    if (lack.ah >= 0.5) text += " and holds back " + ah;
  }
  const double volts = i.recommended_charge_v.value.value_or(absent);
  text += known(volts)
              ? ": set the charger to " + format("%.1f V", volts) + " until the cells are balanced" + how_to_balance(i)
              : ": balance the cells at the top; no useful charger voltage would avoid it.";
  return Advice{text, cell, {lack.ah, volts}, {ah_give(k, lack.ah), 0.15}};
}

Maybe on_charge_setting(const Known& k) {
  switch (k.insight.charge_verdict.value ? Reason::none : k.insight.charge_verdict.reason) {
    case Reason::ovp_unknown:
      return Advice{"Set limits.cell_ovp_v: the BMS does not say at which cell voltage it ends the charge."};
    case Reason::charger_voltage_unknown:
      return Advice{"Set charger.absorption_v, or wait for one full charge: the charger's voltage is not known yet."};
    default:
      return {};
  }
}

Maybe on_discharge(const Known& k) {
  const Insight& i = k.insight;
  if (i.discharge_verdict.value != DischargeVerdict::bms || !i.recommended_lvc_v.value) return {};
  const int cell = i.first_empty_cell.value.value_or(0);
  return Advice{"The BMS will end the next deep discharge because " + cell_text(cell) +
                    " is empty first: let the load let go at " + format("%.1f V.", *i.recommended_lvc_v.value),
                cell,
                {*i.recommended_lvc_v.value},
                {0.15}};
}

Maybe on_discharge_setting(const Known& k) {
  switch (k.insight.discharge_verdict.value ? Reason::none : k.insight.discharge_verdict.reason) {
    case Reason::uvp_unknown:
      return Advice{"Set limits.cell_uvp_v: the BMS does not say at which cell voltage it ends the discharge."};
    case Reason::lvc_unknown:
      return Advice{"Set load.cutoff_v: it is not known at which voltage the load lets go."};
    default:
      return {};
  }
}

Maybe on_conflict(const Known& k) {
  if (!k.insight.balancer_conflict.value.value_or(false)) return {};
  return Advice{
      "The cells are balanced at the bottom, and the BMS's balancer works at the top and undoes it: switch the "
      "balancer off, or balance at the top instead."};
}

Maybe on_plateau(const Known& k) {
  if (!k.insight.balancer_on_plateau.value.value_or(false)) return {};
  return Advice{
      "The balancer works where cell voltages say nothing about charge, and so moves it the wrong way: let it start "
      "at " +
      format("%.2f V", k.terms.chemistry->balance_start_v) + " per cell."};
}

Maybe on_high_current(const Known& k) {
  if (!k.insight.balancer_at_high_current.value.value_or(false)) return {};
  return Advice{
      "The balancer works while much current flows and takes resistance for charge: hold the charger longer at its end "
      "voltage, where little flows, or raise the balancer's start."};
}

Maybe on_drift(const Known& k) {
  const Insight& i = k.insight;
  int cell = 0;
  double fastest = -1;
  for (std::size_t n = 0; n < i.drift_significant.size(); ++n) {
    const double rate = std::abs(i.drift_pp_day[n].value.value_or(0));
    if (i.drift_significant[n].value.value_or(false) && rate > fastest) fastest = rate, cell = static_cast<int>(n) + 1;
  }
  if (cell == 0) return {};
  const auto at = static_cast<std::size_t>(cell) - 1;
  const auto& rate = i.drift_pp_day[at].value;
  const std::string name = sentence(cell_text(cell)),
                    cure = " Balancing helps for a time; a cell like this is to be replaced.";
  if (!rate)
    return Advice{name + " falls behind the others from charge to charge: it loses charge by itself." + cure, cell};
  if (*rate < 0)
    return Advice{name + " gains on the others by about " + rate_text(-*rate) +
                      ": they lose charge, or the BMS drains them. See which cells its balancer works on.",
                  cell,
                  {*rate},
                  {0.5 * -*rate}};
  const double days = i.days_to_alarm[at].value.value_or(0);
  const std::string when =
      days > 1 ? ": in about " + days_text(days) + " it will lack 5 %." : ": it lacks 5 % already.";
  return Advice{name + " loses charge against the others, about " + rate_text(*rate) + when + cure,
                cell,
                {*rate, days},
                {0.5 * *rate, std::max(7.0, 0.5 * days)}};
}

Maybe on_resistance(const Known& k) {
  const Insight& i = k.insight;
  const auto& flags = i.class_flags.value;
  if (!flags || std::ranges::count(*flags, PackClass::resistance) == 0) return {};
  std::size_t worst = 0;
  for (std::size_t n = 0; n < i.r_excess_pct.size(); ++n)
    if (i.r_excess_pct[n].value.value_or(0) > i.r_excess_pct[worst].value.value_or(0)) worst = n;
  const auto& excess = i.r_excess_pct[worst];
  if (!excess.value || excess.confidence < 1) return {};  // as its alert: seen in 20 steps
  const int cell = static_cast<int>(worst) + 1;
  return Advice{sentence(cell_text(cell)) + " has about " + format("%.1f times", 1 + *excess.value / 100) +
                    " the resistance of the others: tighten its terminals and bus bars; if it stays so, the cell is "
                    "ageing.",
                cell,
                {*excess.value},
                {std::max(30.0, 0.3 * *excess.value)}};
}

Maybe on_full_charge(const Known& k) {
  if (!k.memory.top.seen || !k.insight.need_full_charge.value.value_or(false)) return {};
  return Advice{
      "The pack has not been full for two weeks, and what is known of its balance grows old: charge it until it is "
      "full once."};
}

Maybe on_suspect(const Known& k) {
  const auto& suspects = k.insight.drift_suspect;
  const auto found = std::ranges::find_if(suspects, [](const auto& s) { return s.value.value_or(false); });
  if (found == suspects.end()) return {};
  const int cell = static_cast<int>(found - suspects.begin()) + 1;
  return Advice{sentence(cell_text(cell)) +
                    " no longer gets full with the others: hold the charger at its end voltage until hardly any "
                    "current flows, once; then it shows whether it loses charge.",
                cell};
}

Maybe on_never(const Known& k) {
  const Insight& i = k.insight;
  if (!i.balance_never.value.value_or(false)) return {};
  if (i.balance_never.reason == Reason::drift_exceeds_balancer)
    return Advice{
        "The balancer runs and the cells come no nearer to each other: balance them by hand, or give the balancer more "
        "time at the charger's end voltage."};
  return Advice{
      "The balancer hardly ever runs, for cells are too seldom above its start voltage: hold the charger longer at its "
      "end voltage, or balance by hand."};
}

Maybe on_by_hand(const Known& k) {
  const Insight& i = k.insight;
  if (!i.top_balance.value.value_or(false)) return {};
  const Lack lack = most_lacking(i);
  const std::string at = i.top_balance_voltage.value ? " at " + format("%.2f V", *i.top_balance_voltage.value) : "";
  return Advice{sentence(cell_text(lack.cell)) + " lacks " + (lack.at_least ? "at least " : "about ") +
                    ah_text(lack.ah) + " when " + cell_text(i.first_full_cell) +
                    " is full: balance the cells by hand, all" + at +
                    " until hardly any current flows. Several steps do as well as one.",
                lack.cell,
                {lack.ah},
                {ah_give(k, lack.ah)}};
}

Maybe on_by_balancer(const Known& k) {
  const Insight& i = k.insight;
  if (!i.let_bms_balance.value.value_or(false) || !i.balance_days.value) return {};
  const Lack lack = most_lacking(i);
  return Advice{sentence(cell_text(lack.cell)) + " lacks about " + ah_text(lack.ah) + " when " +
                    cell_text(i.first_full_cell) + " is full: the balancer needs about " + range_text(i) +
                    " for that. Leave the charger at its end voltage for as long as it is full.",
                lack.cell,
                {lack.ah, *i.balance_days.value},
                {ah_give(k, lack.ah), std::max(3.0, 0.5 * *i.balance_days.value)}};
}

Maybe on_first_charge(const Known& k) {
  if (k.memory.top.seen) return {};
  return Advice{"Charge the pack until it is full once: how its cells are balanced shows only there."};
}

Maybe on_mismatch(const Known& k) {
  const Insight& i = k.insight;
  if (i.pack_class.value != PackClass::mismatch) return {};
  const int cell = i.weakest_cell.value.value_or(0);
  const double ah = i.balanced_capacity_ah.value.value_or(absent);
  return Advice{"Nothing to balance: " + cell_text(cell) + " is the weakest and sets what the pack holds" +
                    (known(ah) ? ", about " + ah_text(ah) + "." : "."),
                cell,
                {ah},
                {0.1 * ah}};
}

/// Most urgent first.
struct Rule {
  Topic topic;
  bool at_once;
  Maybe (*say)(const Known&);
};
constexpr bool at_once = true, held = false;
constexpr Rule order[] = {
    {Topic::silence, at_once, on_silence},                      // nothing else is known
    {Topic::this_charge, at_once, on_this_charge},              // minutes are left
    {Topic::equalise, held, on_equalise},                       // nothing else helps before it
    {Topic::charge_cut, held, on_charge},                       // what the owner meets every day
    {Topic::charge_setting, at_once, on_charge_setting},        //
    {Topic::discharge_cut, held, on_discharge},                 //
    {Topic::conflict, held, on_conflict},                       // what makes it worse day by day
    {Topic::plateau, held, on_plateau},                         //
    {Topic::high_current, held, on_high_current},               //
    {Topic::drift, held, on_drift},                             // what will come
    {Topic::resistance, held, on_resistance},                   //
    {Topic::full_charge, held, on_full_charge},                 // what must be seen first
    {Topic::suspect, held, on_suspect},                         //
    {Topic::never, held, on_never},                             // what could be better
    {Topic::by_hand, held, on_by_hand},                         //
    {Topic::by_balancer, held, on_by_balancer},                 //
    {Topic::discharge_setting, at_once, on_discharge_setting},  // what could be known
    {Topic::first_charge, at_once, on_first_charge},            //
    {Topic::mismatch, held, on_mismatch},                       // nothing to be done
};

}  // namespace

Urgent most_urgent(const Terms& terms, const Memory& memory, const Insight& insight) {
  for (const Rule& rule : order)
    if (auto advice = rule.say({terms, memory, insight})) return {rule.topic, rule.at_once, *advice};
  return {};
}

std::optional<Advice> advice_about(Topic topic, const Terms& terms, const Memory& memory, const Insight& insight) {
  for (const Rule& rule : order)
    if (rule.topic == topic) return rule.say({terms, memory, insight});
  return {};
}

}  // namespace cellwarden
