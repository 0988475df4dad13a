#include "daemon/analysis/drift.h"

namespace cellwarden {

namespace {

template <class T>
void unknown(Output<T>& output) {
  output = Output<T>::unknown(Reason::too_few_points);
}
template <class T>
void unknown(PerCell<T>& cells) {
  for (auto& cell : cells) unknown(cell);
}

}  // namespace

void say_drift(const Terms&, const Memory&, Insight& insight) {
  unknown(insight.drift_pp_day);
  unknown(insight.drift_significant);
  unknown(insight.drift_suspect);
  unknown(insight.days_to_alarm);
  unknown(insight.equivalent_leak_ma);
  unknown(insight.need_full_charge);
}

}  // namespace cellwarden
