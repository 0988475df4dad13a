#pragma once
// When a pack's insight goes out: at most every so often, a verdict that changed at once. Pure; the time is handed in.
#include <optional>

#include "daemon/analysis/insight.h"

namespace cellwarden {

class InsightSchedule {
 public:
  /// True when it is to be published now (monotonic time), and then taken for published.
  bool due(const Insight& insight, double now_s, double min_s) {
    const Verdicts verdicts{insight.charge_verdict.value, insight.discharge_verdict.value};
    if (at_s_ && verdicts == last_ && now_s - *at_s_ < min_s && now_s >= *at_s_) return false;
    last_ = verdicts, at_s_ = now_s;
    return true;
  }

 private:
  struct Verdicts {
    std::optional<ChargeVerdict> charge;
    std::optional<DischargeVerdict> discharge;
    bool operator==(const Verdicts&) const = default;
  };
  Verdicts last_;
  std::optional<double> at_s_;
};

}  // namespace cellwarden
