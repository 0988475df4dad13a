#include "daemon/analysis/limit_audit.h"

#include <cstdio>

namespace cellwarden {

namespace {

constexpr double close_v = 0.05;  ///< below such a distance a balanced pack too may trip

std::string volts(double v) {
  char text[24];
  std::snprintf(text, sizeof text, "%.2f V", v);
  return text;
}

void audit_charger(const Terms& terms, double n, std::vector<std::string>& said) {
  const auto& l = terms.limits;
  const auto set = terms.settings.charger.absorption_v ? terms.settings.charger.absorption_v : l.requested_charge_v;
  if (!set) return;
  const double each = *set / n;
  if (l.cell_ovp_v && each >= *l.cell_ovp_v) {
    said.push_back("The charger's " + volts(*set) + " are " + volts(each) +
                   " per cell and the BMS cuts a cell off at " + volts(*l.cell_ovp_v) +
                   ": lower charger.absorption_v below " + volts((*l.cell_ovp_v - close_v) * n) + ".");
  } else if (l.cell_ovp_v && each > *l.cell_ovp_v - close_v) {
    said.push_back("The charger's " + volts(each) + " per cell leave less than 50 mV to the BMS's cell limit of " +
                   volts(*l.cell_ovp_v) + ": any imbalance lets the BMS cut off.");
  }
  if (l.pack_ovp_v && *set >= *l.pack_ovp_v) {
    said.push_back("The charger's " + volts(*set) + " reach the BMS's pack limit of " + volts(*l.pack_ovp_v) +
                   ": the BMS ends every charge; lower charger.absorption_v.");
  }
  const auto start = terms.settings.balancer.start_v ? terms.settings.balancer.start_v : l.balance_start_v;
  if (start && *start >= each) {
    said.push_back("The balancer starts at " + volts(*start) + " but the charger reaches only " + volts(each) +
                   " per cell: in a balanced pack it never runs.");
  }
  if (terms.chemistry && terms.chemistry->chemistry == Chemistry::lfp && each < 3.37) {
    said.push_back("The charger's " + volts(each) +
                   " per cell stay below the knee: the pack is never full and its balance cannot be seen.");
  }
}

void audit_balancer(const Terms& terms, std::vector<std::string>& said) {
  const auto start = terms.settings.balancer.start_v ? terms.settings.balancer.start_v : terms.limits.balance_start_v;
  if (!start || !terms.chemistry || *start >= terms.chemistry->balance_start_v - 0.001) return;
  said.push_back("The balancer starts at " + volts(*start) +
                 ", where cell voltages say nothing about charge: set it to " +
                 volts(terms.chemistry->balance_start_v) + " or it moves charge the wrong way.");
}

void audit_load(const Terms& terms, double n, std::vector<std::string>& said) {
  const auto& l = terms.limits;
  const auto cutoff = terms.settings.load_cutoff_v;
  if (!cutoff) return;
  if (l.cell_uvp_v && *cutoff / n <= *l.cell_uvp_v) {
    said.push_back("The load lets go at " + volts(*cutoff) + ", " + volts(*cutoff / n) +
                   " per cell, and the BMS cuts a cell off at " + volts(*l.cell_uvp_v) + ": raise load.cutoff_v.");
  }
  if (l.pack_uvp_v && *cutoff <= *l.pack_uvp_v) {
    said.push_back("The load lets go at " + volts(*cutoff) + ", not above the BMS's pack limit of " +
                   volts(*l.pack_uvp_v) + ": raise load.cutoff_v.");
  }
}

void audit_limits_alone(const Terms& terms, double n, std::vector<std::string>& said) {
  const auto& l = terms.limits;
  const auto release = [&](const char* what, const std::optional<double>& limit, const std::optional<double>& back,
                           double sign) {
    if (!limit || !back || sign * (*limit - *back) > 0) return;
    said.push_back(std::string("The BMS cuts off at ") + what + " " + volts(*limit) + " and comes back at " +
                   volts(*back) + ": it would switch on and off without end.");
  };
  release("a cell's", l.cell_ovp_v, l.cell_ovp_release_v, +1);
  release("a cell's", l.cell_uvp_v, l.cell_uvp_release_v, -1);
  release("the pack's", l.pack_ovp_v, l.pack_ovp_release_v, +1);
  release("the pack's", l.pack_uvp_v, l.pack_uvp_release_v, -1);
  if (!terms.chemistry) return;
  const ChemistryTraits& c = *terms.chemistry;
  if (l.cell_ovp_release_v && *l.cell_ovp_release_v < c.curve.volts(0.9) + c.hysteresis_v) {
    said.push_back("After an over-voltage the BMS comes back only below " + volts(*l.cell_ovp_release_v) +
                   " per cell: a full pack stays off until it has been discharged far.");
  }
  if (l.cell_ovp_v && *l.cell_ovp_v > c.top_high_v + (c.chemistry == Chemistry::lfp ? 0.001 : 0.10)) {
    said.push_back("The BMS lets a cell rise to " + volts(*l.cell_ovp_v) + ", more than the " + volts(c.top_high_v) +
                   " at which such a cell is full: lower cell_ovp_v.");
  }
  if (l.cell_uvp_v && *l.cell_uvp_v < c.bottom_low_v - 0.001) {
    said.push_back("The BMS lets a cell fall to " + volts(*l.cell_uvp_v) + ", less than the " + volts(c.bottom_low_v) +
                   " at which such a cell is empty: raise cell_uvp_v.");
  }
  if (l.cell_ovp_v && l.pack_ovp_v && *l.pack_ovp_v / n < c.knee_v) {
    said.push_back("The BMS's pack limit of " + volts(*l.pack_ovp_v) + " is only " + volts(*l.pack_ovp_v / n) +
                   " per cell: it cuts off before the pack is full.");
  }
}

}  // namespace

std::vector<std::string> audit_limits(const Terms& terms, std::size_t cells) {
  std::vector<std::string> said;
  const std::size_t count = cells > 0 ? cells : static_cast<std::size_t>(terms.limits.cell_count.value_or(0));
  if (count == 0) return said;
  const auto n = static_cast<double>(count);
  audit_charger(terms, n, said);
  audit_balancer(terms, said);
  audit_load(terms, n, said);
  audit_limits_alone(terms, n, said);
  return said;
}

}  // namespace cellwarden
