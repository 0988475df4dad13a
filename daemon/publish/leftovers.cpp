#include "daemon/publish/leftovers.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cellwarden {
namespace {

using Json = nlohmann::json;

constexpr std::string_view pack_levels[] = {"status", "state", "info", "insight", "alerts"};

std::vector<std::string> levels_of(std::string_view topic) {
  std::vector<std::string> levels;
  for (std::size_t at = 0;;) {
    const auto slash = topic.find('/', at);
    levels.emplace_back(topic.substr(at, slash - at));
    if (slash == std::string_view::npos) return levels;
    at = slash + 1;
  }
}

/// Counts the topics in a discovery message: those below `base`, and all.
void count_topics(const Json& json, const std::string& base, int& below, int& all) {
  for (const auto& [key, value] : json.items()) {
    if (value.is_structured()) count_topics(value, base, below, all);
    if (!value.is_string() || (key != "t" && key != "stat_t" && key != "avty_t")) continue;
    ++all;
    if (value.get_ref<const std::string&>().starts_with(base + "/")) ++below;
  }
}

}  // namespace

std::vector<std::string> Leftovers::filters() const {
  return {topics_.base + "/+/+", prefix_ + "/device/+/config", prefix_ + "/+/+/+/config"};
}

void Leftovers::hear(const std::string& topic, const std::string& payload) {
  if (payload.empty()) return;
  if (topic.starts_with(prefix_ + "/") && topic.ends_with("/config")) hear_discovery(topic, payload);
  if (!topic.starts_with(topics_.base + "/")) return;
  const auto levels = levels_of(std::string_view(topic).substr(topics_.base.size() + 1));
  if (levels.size() == 2 && std::ranges::find(pack_levels, levels[1]) != std::end(pack_levels))
    pack_topics_[levels[0]].insert(levels[1]);
}

void Leftovers::hear_discovery(const std::string& topic, const std::string& payload) {
  const auto levels = levels_of(std::string_view(topic).substr(prefix_.size() + 1));
  const bool device = levels.size() == 3 && levels[0] == "device";
  if (!device && levels.size() != 4) return;
  const auto& object = levels[1];
  if (!object.starts_with(sanitised(topics_.base) + "_")) return;

  const auto json = Json::parse(payload, nullptr, false);
  if (!json.is_object()) return;
  int below = 0, all = 0;
  count_topics(json, topics_.base, below, all);
  if (all == 0 || below != all) return;

  Components& components = discovery_[object][topic];
  if (!device) {
    components[levels[2]] = levels[0];
    return;
  }
  const auto cmps = json.value("cmps", Json::object());
  for (const auto& [key, body] : cmps.items())
    if (body.is_object() && body.contains("p") && body["p"].is_string()) components[key] = body["p"];
}

std::vector<std::string> Leftovers::of_unknown_packs(const std::set<std::string>& packs) const {
  std::vector<std::string> topics;
  for (const auto& [pack, levels] : pack_topics_)
    if (!packs.contains(pack) && levels.contains("info"))
      for (const auto& level : levels) topics.push_back(topics_.base + "/" + pack + "/" + level);
  std::set<std::string> objects = {service_object(topics_)};
  for (const auto& pack : packs) objects.insert(object_of(topics_, pack));
  for (const auto& [object, messages] : discovery_)
    if (!objects.contains(object))
      for (const auto& [topic, components] : messages) topics.push_back(topic);
  return topics;
}

}  // namespace cellwarden
