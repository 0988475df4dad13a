// The thresholds of the analysis and of the alerts: what a key may be follows from its ending.
#include "config/packs.h"

namespace cellwarden {
namespace {

using namespace std::chrono_literals;

Range range_of(std::string_view key) {
  if (key.ends_with("_mv")) return {1, 2000, "mV"};
  if (key.ends_with("_pct")) return {0.1, 500, "%"};
  if (key.ends_with("_pp")) return {0.1, 50, "percent points"};
  if (key.ends_with("_mohm")) return {0, 100, "mOhm"};
  return {1, 5, "V"};
}

/// Pairs that must differ, or an alert would come and go with every reading: the first below the second.
constexpr std::pair<std::string_view, std::string_view> below[] = {
    {"cell_delta_top_warn_clear_mv", "cell_delta_top_warn_mv"},
    {"cell_delta_top_alarm_clear_mv", "cell_delta_top_alarm_mv"},
    {"cell_delta_top_warn_mv", "cell_delta_top_alarm_mv"},
    {"cell_delta_radical_clear_mv", "cell_delta_radical_mv"},
    {"cell_delta_rest_clear_mv", "cell_delta_rest_mv"},
    {"cell_delta_bottom_clear_mv", "cell_delta_bottom_mv"},
    {"offset_top_warn_clear_pct", "offset_top_warn_pct"},
    {"offset_top_alarm_clear_pct", "offset_top_alarm_pct"},
    {"offset_top_warn_pct", "offset_top_alarm_pct"},
    {"cell_near_ovp_mv", "cell_near_ovp_clear_mv"},
    {"cell_near_uvp_mv", "cell_near_uvp_clear_mv"},
    {"resistance_clear_pct", "resistance_excess_pct"},
};

double value_of(const AlertSettings& settings, std::string_view wanted) {
  double value = 0;
  each_threshold(settings, [&]<class Member>(std::string_view key, const Member& member) {
    if constexpr (std::is_same_v<Member, double>) {
      if (key == wanted) value = member;
    }
  });
  return value;
}

}  // namespace

void read_analysis(const toml::table& table, Faults& faults, PackSettings::Thresholds& into) {
  Section section(table, "[pack.analysis]", faults);
  const auto number = [&](std::string_view key, double& member) { section.number(key, member, range_of(key)); };
  number("marginal_mv", into.marginal_mv);
  number("charge_headroom_mv", into.charge_headroom_mv), number("discharge_headroom_mv", into.discharge_headroom_mv);
  number("balanced_pp", into.balanced_pp), number("unbalanced_pp", into.unbalanced_pp);
  number("offset_pp", into.offset_pp), number("mismatch_pp", into.mismatch_pp);
  number("cable_mohm", into.cable_mohm);
  if (into.balanced_pp > into.unbalanced_pp) {
    section.fault(section.has("balanced_pp") ? "balanced_pp" : "unbalanced_pp",
                  "\"balanced_pp\" (" + plain(into.balanced_pp) + ") is above \"unbalanced_pp\" (" +
                      plain(into.unbalanced_pp) + ")");
  }
  section.finish();
}

void read_alerts(const toml::table& table, Faults& faults, AlertSettings& into) {
  Section section(table, "[pack.alerts]", faults);
  section.choice("cell_delta_where", into.cell_delta_where, {"knee", "rest", "any"});
  each_threshold(into, [&]<class Member>(std::string_view key, Member& member) {
    if constexpr (std::is_same_v<Member, AlertSettings::Hold>) {
      section.duration(key, member, 0s, 24h);
    } else {
      section.number(key, member, range_of(key));
    }
  });
  for (const auto& [low, high] : below) {
    const double least = value_of(into, low), most = value_of(into, high);
    if (least < most) continue;
    section.fault(section.has(low) ? low : high, "\"" + std::string(low) + "\" is " + plain(least) +
                                                     ", but must be below \"" + std::string(high) + "\", which is " +
                                                     plain(most));
  }
  section.finish();
}

}  // namespace cellwarden
