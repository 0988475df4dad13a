#pragma once
// What Home Assistant refuses or drops without a word, as checks on one entity with everything handed down to it.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>

namespace cellwarden::test {

using Json = nlohmann::json;

inline const std::set<std::string> device_top = {"dev", "o", "cmps", "avty", "avty_mode", "stat_t"};
inline const std::set<std::string> dev_keys = {"ids", "name", "mf", "mdl", "sn", "sw", "hw", "via_device"};

/// Checks entities one after another: ids must be unique among all of them.
class DiscoveryRules {
 public:
  /// `states`: what is published on which topic.
  explicit DiscoveryRules(std::map<std::string, std::string> states) : states_(std::move(states)) {}

  void entity(const std::string& platform, const Json& it) {
    CAPTURE(it.dump());
    static const std::set<std::string> common = {"uniq_id", "name", "def_ent_id", "dev_cla", "ent_cat", "en",
                                                 "stat_t",  "avty", "avty_mode",  "dev",     "o"};
    std::map<std::string, std::set<std::string>> own = {
        {"sensor", {"unit_of_meas", "stat_cla", "sug_dsp_prc", "val_tpl", "ops"}},
        {"binary_sensor", {"pl_on", "pl_off", "val_tpl"}},
        {"event", {"evt_typ"}}};
    REQUIRE(own.contains(platform));
    for (const auto& [key, value] : it.items()) {
      CAPTURE(key);
      CHECK((common.contains(key) || own[platform].contains(key)));
      CHECK_FALSE(value.is_null());
    }
    CHECK(ids_.insert(platform + it.at("uniq_id").get<std::string>()).second);
    CHECK(std::regex_match(it.at("def_ent_id").get<std::string>(), std::regex(platform + "\\.[a-z0-9_]+")));
    CHECK(entity_ids_.insert(it.at("def_ent_id")).second);
    CHECK_FALSE(it.at("name").get<std::string>().empty());
    if (it.contains("ent_cat")) CHECK(it["ent_cat"] == "diagnostic");
    if (platform == "sensor") classes(it);
    if (it.contains("avty") && it["avty"].size() > 1) CHECK(it.at("avty_mode") == "all");
    value(platform, it);
  }

 private:
  static void classes(const Json& it) {
    const std::map<std::string, std::set<std::string>> units = {{"voltage", {"V", "mV"}},
                                                                {"current", {"A"}},
                                                                {"power", {"W"}},
                                                                {"battery", {"%"}},
                                                                {"energy", {"kWh"}},
                                                                {"temperature", {"\u00B0C"}},
                                                                {"duration", {"d", "h", "min"}},
                                                                {"signal_strength", {"dBm"}}};
    const auto state_class = it.value("stat_cla", "");
    CHECK(it.contains("ops") == (it.value("dev_cla", "") == "enum"));
    if (it.contains("ops")) {
      CHECK_FALSE((it["ops"].empty() || it.contains("unit_of_meas") || it.contains("stat_cla")));
      return;
    }
    if (it.value("dev_cla", "") == "timestamp") {
      for (const auto* none : {"unit_of_meas", "stat_cla", "sug_dsp_prc"}) CHECK_FALSE(it.contains(none));
      return;
    }
    if (it.contains("dev_cla")) {
      REQUIRE(units.contains(it["dev_cla"]));
      CHECK(units.at(it["dev_cla"]).contains(it.value("unit_of_meas", "")));
      CHECK(state_class == (it["dev_cla"] == "energy" ? "total_increasing" : "measurement"));
    } else {
      CHECK(std::set<std::string>{"", "measurement", "total_increasing"}.contains(state_class));
    }
    if (it.contains("sug_dsp_prc")) CHECK(it["sug_dsp_prc"].get<int>() >= 0);
  }

  static bool needs_number(const Json& it) {
    return it.contains("dev_cla") || it.contains("unit_of_meas") || it.contains("stat_cla") ||
           it.contains("sug_dsp_prc");
  }

  /// The topic is published to, and what the template looks for is there.
  void value(const std::string& platform, const Json& it) {
    const std::string topic = it.at("stat_t");
    if (platform == "event") {
      CHECK_FALSE(it.at("evt_typ").empty());
      CHECK_FALSE(states_.contains(topic));
      return;
    }
    REQUIRE(states_.contains(topic));
    const auto& payload = states_.at(topic);
    if (!it.contains("val_tpl")) {
      CHECK((payload == it.at("pl_on") || payload == it.at("pl_off")));
      return;
    }
    const std::string text = it["val_tpl"];
    std::smatch found;
    REQUIRE(std::regex_search(text, found, std::regex(R"(value_json\.(\w+)(\[(\d+)\])?)")));
    const auto state = Json::parse(payload);
    REQUIRE(state.contains(found[1].str()));
    auto at = state[found[1].str()];
    if (found[3].matched) {
      const auto index = std::stoul(found[3].str());
      REQUIRE(index < at.size());
      at = at[index];
    }
    if (platform == "binary_sensor") {
      CHECK(it.at("pl_on") == "True");
      CHECK(it.at("pl_off") == "False");
      CHECK((at.is_boolean() || at.is_array()));
    } else {
      if (it.value("dev_cla", "") == "timestamp") {
        const std::regex with_zone(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)");
        CHECK((at.is_null() || std::regex_match(at.get<std::string>(), with_zone)));
        return;
      }
      const bool option = it.contains("ops") && std::ranges::count(it["ops"], at) == 1;
      const bool number = at.is_number() && !it.contains("ops");
      CHECK((option || number || at.is_null() || (at.is_string() && !needs_number(it) && !it.contains("ops"))));
    }
  }

  std::map<std::string, std::string> states_;
  std::set<std::string> ids_, entity_ids_;
};

}  // namespace cellwarden::test
