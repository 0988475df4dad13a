// What the owner is advised: which of several things, in which words, and for how long.
#include <doctest/doctest.h>

#include "daemon/analysis/advice.h"
#include "daemon/analysis/pack_watch.h"

using namespace cellwarden;

namespace {

constexpr double day = 86400;
using Number = Output<double>;
using Yes = Output<bool>;

struct Advised {
  Terms terms{[] {
    PackSettings settings;
    settings.chemistry = "lfp";
    settings.capacity_ah = 280;
    return settings;
  }()};
  Memory memory;
  Insight insight;

  Advised() {
    memory.cells = 8;
    memory.top.seen = true;
    each_output(insight, []<class T>(std::string_view, T& output) {
      if constexpr (requires { output.resize(8); }) output.resize(8);
    });
    insight.charge_verdict = Output<ChargeVerdict>::known(ChargeVerdict::charger);
  }
  void cut(double lack_ah = 11, double volts = 27.3) {
    insight.charge_verdict = Output<ChargeVerdict>::known(ChargeVerdict::bms);
    insight.first_full_cell = Output<int>::known(7);
    insight.recommended_charge_v = Number::known(volts);
    insight.offset_top_ah[2] = Number::known(lack_ah);
  }
  void no_cut() { insight.charge_verdict = Output<ChargeVerdict>::known(ChargeVerdict::charger); }
  void drifts(double pp_day = 0.1, double days = 45) {
    insight.drift_significant[4] = Yes::known(true);
    insight.drift_pp_day[4] = Number::known(pp_day);
    insight.days_to_alarm[4] = Number::known(days);
  }
  void pass(double days, int charges) { memory.clock_s += days * day, memory.charges += charges; }
  std::string say() {
    say_advice(terms, memory, insight);
    CHECK(insight.advice.size() < 255);
    return insight.advice;
  }
  std::string say_after(double days, int charges) {
    say();
    pass(days, charges);
    return say();
  }
};

bool holds(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("advice: nothing is said of a pack that needs nothing") { CHECK(Advised().say() == ""); }

TEST_CASE("advice: the cell that ends the charge, what it costs, the charger's voltage, and who balances") {
  Advised pack;
  pack.cut();
  CHECK(pack.say() ==
        "Cell 7 is full first, so the BMS ends the next charge and holds back up to 11 Ah: set the charger to 27.3 V "
        "until the cells are balanced.");
  Advised by_hand;
  by_hand.cut();
  by_hand.insight.top_balance = Yes::known(true);
  CHECK(holds(by_hand.say(), "until the cells are balanced by hand."));
  Advised balancer;
  balancer.cut();
  balancer.insight.let_bms_balance = Yes::known(true);
  balancer.insight.balance_days = Number::known(20);
  balancer.insight.balance_days_least = Number::known(12);
  balancer.insight.balance_days_most = Number::known(33.6);
  CHECK(holds(balancer.say(), "; the balancer needs about 12 to 34 days for that."));
  Advised never;
  never.cut();
  never.insight.balance_never = Yes::known(true, 0.6, Reason::never_above_start);
  CHECK(holds(never.say(), "; the balancer alone will not do it."));
  Advised leaking;
  leaking.cut();
  leaking.insight.drift_significant[2] = Yes::known(true);
  CHECK(holds(leaking.say(), "Cell 3 loses charge and lacks up to 11 Ah when the BMS ends the next charge: set the "));
  Advised far;
  far.cut();
  far.insight.recommended_charge_v = Number::unknown(Reason::too_unbalanced);
  far.insight.offset_top_ah[2] = Number::unknown(Reason::lower_bound);
  far.insight.offset_top_at_least_ah[2] = Number::known(40);
  CHECK(far.say() ==
        "Cell 7 is full first, so the BMS ends the next charge and holds back at least 40 Ah: balance the cells at the "
        "top; no useful charger voltage would avoid it.");
}

TEST_CASE("advice: of several things the most urgent") {
  Advised pack;
  const auto next = [&](const char* part) {
    CAPTURE(part);
    pack.memory.advice = {};
    CHECK(holds(pack.say(), part));
  };
  pack.insight.pack_class = Output<PackClass>::known(PackClass::mismatch);
  pack.insight.weakest_cell = Output<int>::known(3);
  pack.insight.balanced_capacity_ah = Number::known(252.4);
  next("Nothing to balance: cell 3 is the weakest and sets what the pack holds, about 252 Ah.");
  pack.insight.discharge_verdict = Output<DischargeVerdict>::unknown(Reason::lvc_unknown);
  next("Set load.cutoff_v");
  pack.insight.offset_top_ah[2] = Number::known(2.2);
  pack.insight.let_bms_balance = Yes::known(true);
  pack.insight.balance_days = pack.insight.balance_days_least = pack.insight.balance_days_most = Number::known(9);
  next("Cell 3 lacks about 2.2 Ah when a cell is full: the balancer needs about 9 to 9 days");
  pack.insight.top_balance = Yes::known(true);
  next("balance the cells by hand, all until");
  pack.insight.balance_never = Yes::known(true, 0.6, Reason::drift_exceeds_balancer);
  next("The balancer runs and the cells come no nearer");
  pack.insight.balance_never = Yes::known(true, 0.6, Reason::never_above_start);
  next("The balancer hardly ever runs");
  pack.insight.drift_suspect[5] = Yes::known(true);
  next("Cell 6 no longer gets full with the others");
  pack.insight.need_full_charge = Yes::known(true);
  next("has not been full for two weeks");
  pack.insight.class_flags = Output<std::vector<PackClass>>::known({PackClass::resistance});
  pack.insight.r_excess_pct[3] = Number::known(150, 0.9);
  next("has not been full");  // not yet twenty steps
  pack.insight.r_excess_pct[3] = Number::known(150);
  next("Cell 4 has about 2.5 times the resistance of the others: tighten its terminals and bus bars");
  pack.drifts();
  next("Cell 5 loses charge against the others, about 0.1 % a day: in about 6 weeks it will lack 5 %.");
  pack.insight.balancer_at_high_current = Yes::known(true);
  next("while much current flows");
  pack.insight.balancer_on_plateau = Yes::known(true);
  next("let it start at 3.40 V per cell");
  pack.insight.balancer_conflict = Yes::known(true);
  next("balanced at the bottom");
  pack.insight.discharge_verdict = Output<DischargeVerdict>::known(DischargeVerdict::bms);
  pack.insight.recommended_lvc_v = Number::known(24.1);
  next("let the load let go at 24.1 V");
  pack.cut();
  next("Cell 7 is full first");
  pack.insight.equalise_first = Yes::known(true);
  next("charge each alone to 3.45 V");
  pack.insight.charge_verdict = Output<ChargeVerdict>::unknown(Reason::stale);
  next("same values again and again");
}

TEST_CASE("advice: a cell that drifts, whatever is known of it") {
  Advised fast;
  fast.drifts(0.25, 0);
  CHECK(holds(fast.say(), "about 0.2 % a day: it lacks 5 % already."));
  Advised ahead;
  ahead.drifts(-0.05);
  CHECK(holds(ahead.say(), "Cell 5 gains on the others by about 0.05 % a day"));
  Advised lost;
  lost.drifts();
  lost.insight.drift_pp_day[4] = Number::unknown(Reason::too_few_points);
  CHECK(holds(lost.say(), "Cell 5 falls behind the others from charge to charge"));
}

TEST_CASE("advice: a finding stays until a more urgent one has stood for a day and two charges, or three days") {
  Advised pack;
  pack.drifts();
  const std::string first = pack.say();
  pack.cut();
  CHECK(pack.say_after(0.9, 5) == first);
  CHECK(pack.say_after(0.2, 0) != first);
  CHECK(holds(pack.insight.advice, "Cell 7"));

  Advised idle;
  idle.drifts();
  idle.say();
  idle.cut();
  CHECK(idle.say_after(2.9, 1) == first);
  CHECK(idle.say_after(0.2, 0) != first);
}

TEST_CASE("advice: what comes and goes from charge to charge does not move it; what is over goes") {
  Advised pack;
  pack.cut();
  const std::string first = pack.say();
  for (int i = 0; i < 30; ++i) {
    pack.no_cut();
    CHECK(pack.say_after(0.5, 1) == first);
    pack.cut();
    CHECK(pack.say_after(0.5, 1) == first);
  }
  pack.no_cut();
  CHECK(pack.say_after(2.9, 5) == first);
  CHECK(pack.say_after(0.2, 0) == "");
  pack.cut();
  CHECK(pack.say() == "");  // nor is it back at once
  CHECK(pack.say_after(7.1, 0) == first);
}

TEST_CASE("advice: a number that moves a little is the same sentence, one that moves much another") {
  Advised pack;
  pack.cut(11, 27.3);
  const std::string first = pack.say();
  pack.cut(12.5, 27.2);
  CHECK(pack.say_after(10, 10) == first);
  pack.insight.first_full_cell = Output<int>::unknown(Reason::tie);
  CHECK(pack.say_after(10, 10) == first);
  pack.cut(25, 27.2);
  CHECK(pack.say_after(0.9, 1) == first);
  CHECK(holds(pack.say_after(1, 1), "25 Ah"));
}

TEST_CASE("advice: what holds at this moment is said at once, and after it what was said before") {
  Advised pack;
  pack.drifts();
  const std::string first = pack.say();
  pack.insight.charge_verdict = Output<ChargeVerdict>::unknown(Reason::bad_cells);
  CHECK(holds(pack.say(), "sense wires"));
  pack.no_cut();
  CHECK(pack.say() == first);
  pack.insight.charge_verdict = Output<ChargeVerdict>::unknown(Reason::no_readings);
  CHECK(pack.say() == "");
}

TEST_CASE("advice: a restart finds the same words, unless they hold no more") {
  Advised pack;
  pack.drifts();
  const std::string first = pack.say();
  pack.cut();
  pack.say();
  const auto restored = restore_memory(save_memory(pack.memory));
  REQUIRE(restored);
  const Memory before = pack.memory;
  pack.memory = *restored;
  CHECK(pack.say() == first);
  CHECK(holds(pack.say_after(1, 2), "Cell 7"));
  pack.memory = *restored;
  pack.insight.drift_significant[4] = Yes::known(false);
  CHECK(holds(pack.say(), "Cell 7"));
}

TEST_CASE("advice: other limits may be what was advised: it is thought over at once") {
  PackWatch watch(Advised().terms.settings);
  watch.memory.cells = 4;
  watch.memory.top.seen = true;
  Limits limits;
  limits.cell_ovp_v = 3.65;
  watch.on_limits(limits);
  watch.memory.advice.topic = 2, watch.memory.advice.text = "What was.";
  watch.on_limits(limits);
  CHECK(watch.memory.advice.text == "What was.");
  limits.cell_ovp_v = 3.60;
  watch.on_limits(limits);
  CHECK(watch.memory.advice.text != "What was.");
}
