#include "daemon/banks/bank_limits.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

namespace cellwarden {

namespace {

enum class Rule { none, lowest, highest, lowest_of_string, highest_of_string, charge_current, discharge_current };

Rule rule_for(std::string_view limit) {
  if (limit == "charge_ocp_a") return Rule::charge_current;
  if (limit == "discharge_ocp_a") return Rule::discharge_current;
  const bool of_string = limit.starts_with("pack_") || limit.starts_with("requested_");
  const auto is = [&](std::string_view word) { return limit.find(word) != std::string_view::npos; };
  if (is("_ovp_") || is("_otp_") || limit.starts_with("requested_"))
    return of_string ? Rule::lowest_of_string : Rule::lowest;
  if (is("_uvp_") || is("_utp_")) return of_string ? Rule::highest_of_string : Rule::highest;
  return Rule::none;  // a pack's own affair: balancing, what its SoC is drawn to
}

/// One quantity of every member; empty unless all are known.
template <class T>
std::vector<T> of_all(const std::vector<Limits>& each, std::optional<T> Limits::*member) {
  std::vector<T> all;
  for (const Limits& limits : each) {
    if (!(limits.*member)) return {};
    all.push_back(*(limits.*member));
  }
  return all;
}

struct Combiner {
  Joined joined;
  const Members& members;
  std::vector<int> cells;  ///< of each; empty: not known of all

  std::optional<double> operator()(Rule rule, std::vector<double> values) const {
    if (values.empty() || rule == Rule::none) return std::nullopt;
    const bool lowest = rule == Rule::lowest || rule == Rule::lowest_of_string;
    if (rule == Rule::lowest || rule == Rule::highest) return extreme(lowest, values);
    if (rule == Rule::lowest_of_string || rule == Rule::highest_of_string) {
      if (joined == Joined::parallel) return extreme(lowest, values);
      if (cells.empty()) return std::nullopt;
      for (std::size_t i = 0; i < values.size(); ++i) values[i] /= cells[i];
      return extreme(lowest, values) * std::accumulate(cells.begin(), cells.end(), 0);
    }
    return current(rule == Rule::charge_current, extreme(true, values));
  }

 private:
  static double extreme(bool lowest, const std::vector<double>& values) {
    return lowest ? std::ranges::min(values) : std::ranges::max(values);
  }
  std::optional<double> current(bool charge, double lowest) const {
    if (joined == Joined::series) return lowest;
    const auto takes_part = [&](const Member* member) {
      return member->fresh() && (charge ? member->reading->charge_on : member->reading->discharge_on) == true;
    };
    const auto count = std::ranges::count_if(members, takes_part);
    if (count == 0) return std::nullopt;
    return lowest * static_cast<double>(std::max<std::ptrdiff_t>(1, count - 1));
  }
};

}  // namespace

Limits combined_limits(Joined joined, const Members& members) {
  std::vector<Limits> each;
  for (const Member* member : members) each.push_back(member->limits());
  const std::vector<int> cells = of_all(each, &Limits::cell_count);
  const Combiner combine{joined, members, cells};

  Limits all;
  std::map<std::string_view, std::vector<double>> by_name;
  for (const Limits& limits : each) {
    each_member(limits, [&]<class M>(std::string_view key, const M& value) {
      if constexpr (std::is_same_v<M, std::optional<double>>) {
        if (value) by_name[key].push_back(*value);
      }
    });
  }
  each_member(all, [&]<class M>(std::string_view key, M& value) {
    if constexpr (std::is_same_v<M, std::optional<double>>) {
      const auto& values = by_name[key];
      if (values.size() == members.size()) value = combine(rule_for(key), values);
    }
  });

  if (const auto capacities = of_all(each, &Limits::capacity_ah); !capacities.empty()) {
    all.capacity_ah = joined == Joined::series ? std::ranges::min(capacities)
                                               : std::accumulate(capacities.begin(), capacities.end(), 0.0);
  }
  if (!cells.empty()) {
    if (joined == Joined::series) all.cell_count = std::accumulate(cells.begin(), cells.end(), 0);
    if (joined == Joined::parallel && std::ranges::count(cells, cells[0]) == std::ssize(cells))
      all.cell_count = cells[0];
  }
  if (const auto kinds = of_all(each, &Limits::chemistry);
      !kinds.empty() && std::set(kinds.begin(), kinds.end()).size() == 1)
    all.chemistry = kinds[0];
  return all;
}

}  // namespace cellwarden
