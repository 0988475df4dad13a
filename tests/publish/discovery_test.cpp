#include "daemon/publish/discovery.h"

#include <doctest/doctest.h>

#include "daemon/publish/messages.h"
#include "tests/publish/a_reading.h"
#include "tests/publish/discovery_rules.h"

using namespace cellwarden;
using test::a_reading, test::Json;

namespace {

const Topics topics{"cellwarden"};
using Form = HomeAssistantConfig::Discovery;

HomeAssistantConfig settings(Form form) {
  HomeAssistantConfig config;
  config.discovery = form;
  return config;
}
PackConfig a_pack(const std::string& id = "house-1") {
  PackConfig pack;
  pack.id = id;
  pack.name = "House battery";
  return pack;
}
constexpr Energy energy{1234.56789, 0.00049};
Shape shape_of(const Reading& reading) {
  Shape shape;
  learn(shape, reading);
  learn(shape, energy);
  return shape;
}
const Identity identity{.brand = "JBD",
                        .protocol = "jbd",
                        .model = "SP04S",
                        .serial = {},
                        .hardware = {},
                        .software = "1.2",
                        .manufactured = {}};
std::map<std::string, std::string> states() {
  return {{topics.status(), "online"},
          {topics.status("house-1"), "online"},
          {topics.state("house-1"), state_message(a_reading(), energy)}};
}

}  // namespace

TEST_CASE("discovery: the device form has nothing Home Assistant refuses") {
  const Discovery discovery(topics, settings(Form::device));
  auto messages = discovery.pack(a_pack(), identity, shape_of(a_reading()));
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].topic == "homeassistant/device/cellwarden_house-1/config");
  messages.push_back(discovery.service().at(0));

  test::DiscoveryRules rules(states());
  for (const auto& message : messages) {
    const auto json = Json::parse(message.payload);
    for (const auto& [key, value] : json.items()) CHECK(test::device_top.contains(key));
    for (const auto& [key, value] : json["dev"].items()) {
      CHECK(test::dev_keys.contains(key));
      CHECK_FALSE(value.is_null());
    }
    CHECK(json["o"]["name"] == "Cellwarden");
    for (const auto& [key, component] : json["cmps"].items()) {
      CHECK(message.components.at(key) == component["p"]);
      Json whole = component;
      for (const auto* shared : {"stat_t", "avty", "avty_mode"})
        if (json.contains(shared) && !whole.contains(shared)) whole[shared] = json[shared];
      whole.erase("p");
      rules.entity(component["p"], whole);
      CHECK(component["uniq_id"].get<std::string>().starts_with("cellwarden_"));
    }
  }
  const auto pack = Json::parse(messages[0].payload);
  CHECK(pack["avty"] == Json::parse(R"([{"t":"cellwarden/status"},{"t":"cellwarden/house-1/status"}])"));
  CHECK(pack["avty_mode"] == "all");
  CHECK(pack["cmps"]["link"]["avty"] == Json::parse(R"([{"t":"cellwarden/status"}])"));
  CHECK(pack["dev"]["via_device"] == Json::parse(messages[1].payload)["dev"]["ids"][0]);
  CHECK(pack["cmps"]["cell_4_v"]["val_tpl"] == "{{ value_json.cells_v[3] }}");
  for (const auto* key : {"charged_kwh", "discharged_kwh"}) {
    const auto& counter = pack["cmps"][key];
    CHECK(counter["dev_cla"] == "energy");
    CHECK(counter["unit_of_meas"] == "kWh");
    CHECK(counter["stat_cla"] == "total_increasing");
    CHECK_FALSE(counter.contains("en"));
    CHECK_FALSE(counter.contains("ent_cat"));
  }
}

TEST_CASE("discovery: the single form says the same of every component") {
  const auto shape = shape_of(a_reading());
  const auto device = Json::parse(Discovery(topics, settings(Form::device)).pack(a_pack(), identity, shape)[0].payload);
  const auto singles = Discovery(topics, settings(Form::single)).pack(a_pack(), identity, shape);
  REQUIRE(singles.size() == device["cmps"].size());
  test::DiscoveryRules rules(states());
  for (const auto& message : singles) {
    const auto& [key, platform] = *message.components.begin();
    CHECK(message.topic == "homeassistant/" + platform + "/cellwarden_house-1/" + key + "/config");
    auto json = Json::parse(message.payload);
    rules.entity(platform, json);
    CHECK(json["dev"] == device["dev"]);
    CHECK(json["o"] == device["o"]);
    CHECK(json["uniq_id"] == device["cmps"][key]["uniq_id"]);
  }
}

TEST_CASE("discovery: off says nothing") {
  const Discovery discovery(topics, settings(Form::off));
  CHECK(discovery.pack(a_pack(), identity, shape_of(a_reading())).empty());
  CHECK(discovery.service().empty());
}

TEST_CASE("discovery: a pack not heard yet shows Connection and Events only") {
  const auto messages = Discovery(topics, settings(Form::device)).pack(a_pack(), {}, {});
  CHECK(messages.at(0).components == Components{{"link", "binary_sensor"}, {"events", "event"}});
}

TEST_CASE("discovery: a component that vanished is named once for removal") {
  const auto messages = Discovery(topics, settings(Form::device)).pack(a_pack(), {}, {}, {{"cell_9_v", "sensor"}});
  CHECK(Json::parse(messages.at(0).payload)["cmps"]["cell_9_v"] == Json{{"p", "sensor"}});
  CHECK_FALSE(messages[0].components.contains("cell_9_v"));
}

TEST_CASE("shape: only what the pack has, and what it has shown once stays") {
  auto shape = shape_of(a_reading());
  CHECK(shape.contains("cell_4_v"));
  CHECK_FALSE(shape.contains("cell_5_v"));
  CHECK(shape.contains("temp_1_c"));
  CHECK_FALSE(shape.contains("temp_2_c"));
  CHECK_FALSE(shape.contains("soh_pct"));
  CHECK(shape.contains("alarm_cell_overvoltage"));

  auto less = a_reading();
  less.soc_pct.reset();
  less.cells_v = {3.3, std::nullopt};
  learn(shape, less);
  CHECK(shape.contains("soc_pct"));
  CHECK(shape.contains("cell_2_v"));
  CHECK_FALSE(shape.contains("cell_3_v"));
  CHECK(shape.contains("cell_max_v"));
}

TEST_CASE("discovery: ids are made of what Home Assistant allows") {
  const auto messages = Discovery(Topics{"My House/bms"}, settings(Form::device)).pack(a_pack("Akku.1"), {}, {});
  CHECK(messages.at(0).topic == "homeassistant/device/my_house_bms_akku_1/config");
}

TEST_CASE("messages: every key is there, unknown is null, values have their resolution") {
  const auto json = Json::parse(state_message(Reading{}));
  const Reading nothing;
  each_member(nothing, [&](std::string_view key, const auto&) { CHECK(json.contains(std::string(key))); });
  CHECK(json["cell_max_v"].is_null());
  CHECK(json["alarms"].is_null());

  const auto full = Json::parse(state_message(a_reading()));
  CHECK(full["taken_at"] == "2023-11-14T22:13:20.123Z");
  CHECK(full["cell_delta_mv"].get<double>() == doctest::Approx(12));
  CHECK(full["temps_c"][1].is_null());
  CHECK(full["cell_max_n"] == 2);
  CHECK(full["charged_kwh"].is_null());
  const auto counted = Json::parse(state_message(a_reading(), energy));
  CHECK(counted["charged_kwh"] == 1234.568);
  CHECK(counted["discharged_kwh"] == 0);
}

TEST_CASE("messages: the owner's limits come before those of the BMS") {
  Limits bms, owner;
  bms.cell_ovp_v = 3.65, bms.cell_uvp_v = 2.5;
  owner.cell_ovp_v = 3.6;
  const auto json = Json::parse(info_message(identity, bms, owner));
  CHECK(json["cell_ovp_v"] == 3.6);
  CHECK(json["cell_uvp_v"] == 2.5);
  CHECK(json["brand"] == "JBD");
  CHECK(json["chemistry"].is_null());
}

TEST_CASE("messages: an alarm that comes and goes is told once each") {
  const auto calm = a_reading();
  auto alarmed = a_reading();
  alarmed.alarms->push_back(Alarm::cell_overvoltage);
  const auto raised = event_messages("house-1", &calm, alarmed);
  REQUIRE(raised.size() == 1);
  CHECK(Json::parse(raised[0])["event_type"] == "alarm_raised");
  CHECK(Json::parse(raised[0])["alarm"] == "cell_overvoltage");
  CHECK(Json::parse(raised[0])["level"] == "alarm");
  CHECK(event_messages("house-1", &alarmed, alarmed).empty());
  CHECK(Json::parse(event_messages("house-1", &alarmed, calm).at(0))["event_type"] == "alarm_cleared");
  CHECK(event_messages("house-1", &alarmed, Reading{}).empty());
}
