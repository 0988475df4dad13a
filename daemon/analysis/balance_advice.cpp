#include "daemon/analysis/balance_advice.h"

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

void say_balance_advice(const Terms&, const Memory&, Insight& insight) {
  unknown(insight.top_balance);
  unknown(insight.let_bms_balance);
  unknown(insight.equalise_first);
  unknown(insight.equalise_hours);
  unknown(insight.top_balance_quality);
  unknown(insight.suggested_balance_kind);
  unknown(insight.capacity_test_valid);
  unknown(insight.rest_drop_mv);
}

}  // namespace cellwarden
