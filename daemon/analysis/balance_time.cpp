#include "daemon/analysis/balance_time.h"

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

void say_balance_time(const Terms&, const Memory&, Insight& insight) {
  unknown(insight.balance_days);
  unknown(insight.balance_days_least);
  unknown(insight.balance_days_most);
  unknown(insight.balance_never);
  unknown(insight.tau_h_day);
  unknown(insight.balancer_on_plateau);
  unknown(insight.balancer_at_high_current);
  unknown(insight.balancer_conflict);
}

}  // namespace cellwarden
