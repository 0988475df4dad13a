#include "daemon/analysis/terms.h"

namespace cellwarden {

namespace {
constexpr int least_cutoffs = 2;  ///< one stop of the load may have been its owner
}

void Terms::on_limits(const Limits& from_bms) {
  limits = from_bms;
  merge(limits, settings.limits);
  chemistry = nullptr;
  std::optional<Chemistry> which;
  if (settings.chemistry) which = chemistry_from_name(*settings.chemistry);
  if (!which && limits.chemistry) which = chemistry_from_name(*limits.chemistry);
  if (!which && limits.cell_ovp_v) which = chemistry_from_ovp(*limits.cell_ovp_v);
  if (which) chemistry = &traits(*which);
  const auto ah = settings.capacity_ah ? settings.capacity_ah : limits.capacity_ah;
  capacity_ah = ah && *ah > 0 ? *ah : absent;
  limits.capacity_ah = ah;
  if (settings.chemistry) limits.chemistry = settings.chemistry;
}

double Terms::charger_v(const Memory& memory) const {
  if (settings.charger.absorption_v) return *settings.charger.absorption_v;
  if (limits.requested_charge_v) return *limits.requested_charge_v;
  return memory.held_v.middle();
}

double Terms::cutoff_v(const Memory& memory) const {
  return settings.load_cutoff_v ? *settings.load_cutoff_v : memory.let_go_v.middle(least_cutoffs);
}

}  // namespace cellwarden
