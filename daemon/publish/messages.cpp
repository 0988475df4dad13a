#include "daemon/publish/messages.h"

#include <algorithm>

#include "protocols/battery_json.h"

namespace cellwarden {
namespace {

using Json = nlohmann::json;

bool holds(const std::optional<std::vector<Alarm>>& list, Alarm alarm) {
  return list && std::ranges::find(*list, alarm) != list->end();
}

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string state_message(const Reading& reading, const std::optional<Energy>& energy) {
  Json json = to_json_with_summary(reading);
  json.update(to_json(energy));
  return text_of(json);
}

std::string info_message(const Identity& identity, Limits limits, const Limits& overrides) {
  merge(limits, overrides);
  Json json = to_json(identity);
  json.update(to_json(limits));
  return text_of(json);
}

std::vector<std::string> event_messages(const std::string& pack, const Reading* before, const Reading& now) {
  std::vector<std::string> all;
  const auto compare = [&](const char* level, auto member) {
    if (!(now.*member)) return;  // the BMS did not say: nothing came, nothing went
    for (std::size_t i = 0; i < alarm_names.size(); ++i) {
      const auto alarm = static_cast<Alarm>(i);
      const bool was = before && holds(before->*member, alarm), is = holds(now.*member, alarm);
      if (was == is) continue;
      Json event = {{"event_type", is ? "alarm_raised" : "alarm_cleared"},
                    {"alarm", std::string(name(alarm))},
                    {"level", level},
                    {"pack", pack},
                    {"cell", nullptr},
                    {"value", nullptr},
                    {"unit", nullptr},
                    {"since", now.taken_at ? Json(utc_text(*now.taken_at)) : Json()}};
      std::string words(name(alarm));
      std::ranges::replace(words, '_', ' ');
      event["text"] = pack + ": the BMS " + (is ? "reports " : "no longer reports ") + words +
                      (std::string_view(level) == "warn" ? " (warning)" : "");
      event["advice"] = nullptr;
      all.push_back(text_of(event));
    }
  };
  compare("alarm", &Reading::alarms);
  compare("warn", &Reading::warnings);
  return all;
}

}  // namespace cellwarden
