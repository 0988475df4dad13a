#include "daemon/publish/messages.h"

#include "daemon/alerts/alert_json.h"
#include "daemon/analysis/insight_json.h"
#include "daemon/banks/bank_json.h"
#include "protocols/battery_json.h"

namespace cellwarden {
namespace {

using Json = nlohmann::json;

template <class J>
std::string text_of(const J& json) {
  return json.dump(-1, ' ', false, J::error_handler_t::replace);
}

}  // namespace

std::string state_message(const Reading& reading, const std::optional<Energy>& energy,
                          const std::optional<std::vector<Alert>>& standing, const std::optional<LinkCounters>& link) {
  Json json = to_json_with_summary(reading);
  json.update(to_json(energy));
  for (const auto& name : own_alert_names) json["alert_" + std::string(name)] = standing ? Json(false) : Json(nullptr);
  if (standing) {
    for (const auto& alert : *standing)
      if (auto at = json.find("alert_" + std::string(name(alert.kind))); at != json.end()) *at = true;
  }
  const auto known = [](const auto& value) { return value ? Json(*value) : Json(nullptr); };
  json["link_rssi_dbm"] = known(link ? link->rssi_dbm : std::nullopt);
  json["link_connects"] = known(link ? std::optional(link->connects) : std::nullopt);
  json["link_drops"] = known(link ? std::optional(link->drops) : std::nullopt);
  return text_of(json);
}

std::string info_message(const Identity& identity, Limits limits, const Limits& overrides) {
  merge(limits, overrides);
  Json json = to_json(identity);
  json.update(to_json(limits));
  return text_of(json);
}

std::string alerts_message(const std::vector<Alert>& standing) { return text_of(to_json(standing)); }
std::string event_message(const AlertEvent& event) { return text_of(to_json(event)); }
std::string insight_message(const Insight& insight) { return text_of(to_json(insight)); }

std::string bank_state_message(const BankState& bank) { return text_of(to_json(bank)); }
std::string bank_info_message(const BankState& bank) {
  Json json = to_json(bank.limits);
  json["joined"] = name(bank.joined), json["packs"] = bank.packs;
  return text_of(json);
}

}  // namespace cellwarden
