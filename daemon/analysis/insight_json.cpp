#include "daemon/analysis/insight_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace cellwarden {

namespace {

using Json = nlohmann::ordered_json;

/// Decimals that still mean something.
int decimals(std::string_view key) {
  if (key.ends_with("_mv") || key.ends_with("_ah") || key.ends_with("_pct") || key.starts_with("minutes") ||
      key.starts_with("balance_days") || key == "days_to_alarm")
    return 1;
  if (key.ends_with("_mohm") || key == "drift_pp_day") return 3;
  return 2;
}

double rounded(double value, int digits) {
  const double unit = std::pow(10, digits), result = std::round(value * unit) / unit;
  return result == 0 ? 0.0 : result;  // never -0.0
}

Json value_json(std::string_view key, double value) {
  if (!std::isfinite(value)) return nullptr;
  return rounded(value, key == "delta_top_at_v" ? 3 : decimals(key));
}
Json value_json(std::string_view, int value) { return value; }
Json value_json(std::string_view, bool value) { return value; }
template <class E>
requires std::is_enum_v<E> Json value_json(std::string_view, E value) { return name(value); }
Json value_json(std::string_view, const std::vector<PackClass>& flags) {
  Json list = Json::array();
  for (const PackClass flag : flags) list.push_back(name(flag));
  return list;
}

template <class T>
Json value_json(std::string_view key, const Output<T>& output) {
  return output.value ? value_json(key, *output.value) : Json(nullptr);
}
Json reason_json(Reason reason) { return reason == Reason::none ? Json(nullptr) : Json(name(reason)); }

/// A list of one value repeated is that value.
Json folded(Json list) {
  const bool same = std::ranges::all_of(list, [&](const Json& item) { return item == list.front(); });
  return same ? list.front() : list;
}

struct Writer {
  Reason unheard;  ///< why a list is empty
  Json values = Json::object(), confidence = Json::object(), reason = Json::object();

  template <class T>
  void operator()(std::string_view key, const Output<T>& output) {
    const std::string at(key);
    values[at] = value_json(key, output);
    if (output.value) confidence[at] = rounded(output.confidence, 2);
    if (output.reason != Reason::none) reason[at] = name(output.reason);
  }
  template <class T>
  void operator()(std::string_view key, const PerCell<T>& cells) {
    const std::string at(key);
    if (cells.empty()) {
      values[at] = nullptr;
      reason[at] = name(unheard);
      return;
    }
    Json list = Json::array(), trust = Json::array(), why = Json::array();
    for (const auto& cell : cells) {
      list.push_back(value_json(key, cell));
      trust.push_back(cell.value ? Json(rounded(cell.confidence, 2)) : Json(nullptr));
      why.push_back(reason_json(cell.reason));
    }
    values[at] = std::move(list);
    if (trust = folded(std::move(trust)); !trust.is_null()) confidence[at] = std::move(trust);
    if (why = folded(std::move(why)); !why.is_null()) reason[at] = std::move(why);
  }
};

}  // namespace

Json to_json(const Insight& insight) {
  const auto& verdict = insight.charge_verdict;
  Writer writer{.unheard = verdict.value || verdict.reason == Reason::none ? Reason::no_readings : verdict.reason};
  each_output(insight, writer);
  Json all = std::move(writer.values);
  all["confidence"] = std::move(writer.confidence);
  all["reason"] = std::move(writer.reason);
  all["limit_audit"] = insight.limit_audit;
  all["advice"] = insight.advice.empty() ? Json(nullptr) : Json(insight.advice);
  return all;
}

}  // namespace cellwarden
