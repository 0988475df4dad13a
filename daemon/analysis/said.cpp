// What PackWatch says of what it knows.
#include "daemon/analysis/advice.h"
#include "daemon/analysis/balance_advice.h"
#include "daemon/analysis/balance_time.h"
#include "daemon/analysis/drift.h"
#include "daemon/analysis/findings.h"
#include "daemon/analysis/limit_audit.h"
#include "daemon/analysis/pack_watch.h"
#include "daemon/analysis/predictions.h"

namespace cellwarden {

namespace {

struct Resize {
  std::size_t cells;
  template <class T>
  void operator()(std::string_view, PerCell<T>& list) const {
    list.resize(cells);
  }
  template <class T>
  void operator()(std::string_view, Output<T>&) const {}
};

struct Silence {
  Reason why;
  template <class T>
  void operator()(std::string_view, PerCell<T>& list) const {
    for (auto& cell : list) cell = Output<T>::unknown(why);
  }
  template <class T>
  void operator()(std::string_view, Output<T>& output) const {
    output = Output<T>::unknown(why);
  }
};

struct Halve {
  Reason why;
  template <class T>
  void operator()(std::string_view, PerCell<T>& list) const {
    for (auto& cell : list) (*this)({}, cell);
  }
  template <class T>
  void operator()(std::string_view, Output<T>& output) const {
    if (!output.value) return;
    output.confidence *= 0.5;
    output.reason = why;
  }
};

}  // namespace

void PackWatch::say_nothing(Reason why) { each_output(insight, Silence{why}); }

void PackWatch::say_all() {
  each_output(insight, Resize{static_cast<std::size_t>(memory.cells)});
  insight.limit_audit = audit_limits(terms, static_cast<std::size_t>(memory.cells));
  if (!terms.complete()) {
    say_nothing(terms.missing());
  } else if (memory.cells == 0 || (silent_ != Reason::none && silent_ != Reason::no_readings)) {
    say_nothing(silent_);
  } else {
    say_offsets(terms, memory, insight);
    say_capacities(terms, memory, insight);
    say_balance(terms, memory, insight);
    say_resistance(terms, memory, insight);
    say_class(terms, memory, insight);
    say_charge_from_memory(terms, memory, insight);
    say_discharge_from_memory(terms, memory, insight);
    say_drift(terms, memory, insight);
    say_balance_time(terms, memory, insight);
    say_balance_advice(terms, memory, insight);
    say_deltas();
    const ChemistryTraits& c = *terms.chemistry;
    const double ovp = terms.ovp_v(), uvp = terms.uvp_v();
    insight.top_balance_voltage =
        known(ovp) ? Output<double>::known(std::clamp(std::max(ovp, c.top_low_v), c.top_low_v, c.top_high_v), 1)
                   : Output<double>::unknown(Reason::ovp_unknown);
    insight.bottom_balance_voltage =
        known(uvp)
            ? Output<double>::known(std::clamp(std::min(uvp, c.bottom_high_v), c.bottom_low_v, c.bottom_high_v), 1)
            : Output<double>::unknown(Reason::uvp_unknown);
    if (doubt_ == Reason::sum_mismatch) each_output(insight, Halve{doubt_});
  }
  say_advice(terms, memory, insight);
}

void PackWatch::say_deltas() {
  const auto say = [](Output<double>& output, double value) {
    output = known(value) ? Output<double>::known(value, 1) : Output<double>::unknown(Reason::gate_not_met);
  };
  say(insight.delta_top_mv, gates_.last(Gate::top_charge).delta_mv);
  say(insight.delta_top_at_v, gates_.last(Gate::top_charge).at_v);
  say(insight.delta_rest_mv, gates_.last(Gate::rest).delta_mv);
  say(insight.delta_bottom_mv, gates_.last(Gate::bottom).delta_mv);
  say(insight.delta_mid_mv, gates_.last(Gate::mid).delta_mv);
}

}  // namespace cellwarden
