#pragma once
// The facts of a report with what all its sections need of them.
#include "daemon/analysis/terms.h"
#include "daemon/report/facts.h"
#include "daemon/report/page.h"

namespace cellwarden::report {

struct Scene {
  explicit Scene(const Facts& of);

  std::chrono::sys_days today() const;
  /// A charge in Ah as energy of the whole pack.
  double kwh(double ah) const;
  std::string ah_and_kwh(double ah) const;

  const Facts& facts;
  const Insight& insight;
  Terms terms;
  int cells = 0;
};

Section top_section(const Scene& scene);
Section bottom_section(const Scene& scene);
Section since_section(const Scene& scene);
Section cost_section(const Scene& scene);
Section changes_section(const Scene& scene);
Section alerts_section(const Scene& scene);
Section past_alerts_section(const Scene& scene);
Section advice_section(const Scene& scene);
Section trust_section(const Scene& scene);

/// The cells that surely drift, from 1.
std::vector<int> drifting_cells(const Insight& insight);

}  // namespace cellwarden::report
