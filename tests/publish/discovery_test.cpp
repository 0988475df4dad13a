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
constexpr LinkCounters radio{.connects = 7, .drops = 6, .rssi_dbm = -71};
/// Everything is known, of every cell.
Insight an_insight() {
  Insight insight;
  each_output(insight, []<class T>(std::string_view key, T& output) {
    if constexpr (requires { output.front(); }) {
      output.assign(4, std::remove_cvref_t<decltype(output.front())>::known(1));
    } else if constexpr (std::is_same_v<T, Output<std::vector<PackClass>>>) {
      output = T::known({PackClass::offset});
    } else {
      output = T::known(static_cast<std::remove_cvref_t<decltype(*output.value)>>(1));
    }
    CHECK_FALSE(key.empty());
  });
  insight.advice = "The BMS will end the next charge: set the charger to 54.4 V.";
  return insight;
}
Shape shape_of(const Reading& reading) {
  Shape shape;
  learn(shape, reading);
  learn(shape, energy);
  learn(shape, an_insight());
  learn(shape, std::optional(radio));
  learn_alerts(shape, true);
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
          {topics.state("house-1"), state_message(a_reading(), energy, std::vector<Alert>{}, radio)},
          {topics.insight("house-1"), insight_message(an_insight())}};
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

TEST_CASE("discovery: when the last reading came is told of a pack that is away, too") {
  const auto message = Discovery(topics, settings(Form::device)).pack(a_pack(), identity, shape_of(a_reading()))[0];
  const auto cmps = Json::parse(message.payload)["cmps"];
  CHECK(cmps["taken_at"] == Json::parse(R"({"p":"sensor","uniq_id":"cellwarden_house-1_taken_at","name":"Last reading",
    "def_ent_id":"sensor.cellwarden_house_1_taken_at","dev_cla":"timestamp","ent_cat":"diagnostic","en":false,
    "avty":[{"t":"cellwarden/status"}],"val_tpl":"{{ value_json.taken_at }}"})"));
}

TEST_CASE("discovery: of a radio link its strength is shown, its counters where the owner enables them") {
  const auto message = Discovery(topics, settings(Form::device)).pack(a_pack(), identity, shape_of(a_reading()))[0];
  const auto cmps = Json::parse(message.payload)["cmps"];
  CHECK(cmps["link_rssi_dbm"] == Json::parse(R"({"p":"sensor","uniq_id":"cellwarden_house-1_link_rssi_dbm",
    "name":"Signal strength when found","def_ent_id":"sensor.cellwarden_house_1_link_rssi_dbm",
    "dev_cla":"signal_strength","unit_of_meas":"dBm","stat_cla":"measurement","ent_cat":"diagnostic","sug_dsp_prc":0,
    "val_tpl":"{{ value_json.link_rssi_dbm }}"})"));
  for (const auto* key : {"link_connects", "link_drops"}) {
    CAPTURE(key);
    CHECK(cmps[key]["stat_cla"] == "total_increasing");
    CHECK(cmps[key]["ent_cat"] == "diagnostic");
    CHECK(cmps[key]["en"] == false);
  }
}

TEST_CASE("discovery: a pack on a wire has no radio link, and one that came from the radio has none any more") {
  Shape shape;
  learn(shape, std::optional(LinkCounters{.connects = 1, .drops = 0, .rssi_dbm = {}}));
  CHECK(shape == Shape{"link_connects", "link_drops"});  // not heard advertising: no strength
  learn(shape, std::optional(radio));
  CHECK(shape.contains("link_rssi_dbm"));
  learn(shape, a_reading());
  learn(shape, std::optional<LinkCounters>());
  for (const auto& key : shape) CHECK_FALSE(key.starts_with("link_"));
  CHECK(shape.contains("cell_4_v"));
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

  for (const auto* key : {"link_rssi_dbm", "link_connects", "link_drops"}) CHECK(full.at(key).is_null());
  const auto heard = Json::parse(state_message(a_reading(), {}, {}, radio));
  CHECK(heard["link_rssi_dbm"] == -71);
  CHECK(heard["link_connects"] == 7);
  CHECK(heard["link_drops"] == 6);
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

TEST_CASE("messages: an alert is a switch in the state, one of a list, and an event") {
  Alert alert;
  alert.kind = AlertKind::cell_near_ovp, alert.level = Level::warn, alert.pack = "house-1", alert.cell = 7;
  alert.value = 3.62149, alert.unit = "V", alert.text = "house-1: cell 7", alert.advice = "Lower it.";
  alert.since = a_reading().taken_at;
  const auto event = Json::parse(event_message({true, alert}));
  CHECK(event == Json::parse(R"({"event_type":"alarm_raised","alarm":"cell_near_ovp","level":"warn","pack":"house-1",
    "cell":7,"value":3.621,"unit":"V","since":"2023-11-14T22:13:20.123Z","text":"house-1: cell 7","advice":"Lower it."})"));
  CHECK(Json::parse(event_message({false, alert}))["event_type"] == "alarm_cleared");
  CHECK(Json::parse(alerts_message({alert})) == Json::array({event}));
  CHECK(alerts_message({}) == "[]");

  const auto judged = Json::parse(state_message(a_reading(), {}, std::vector<Alert>{alert}));
  CHECK(judged["alert_cell_near_ovp"] == true);
  CHECK(judged["alert_cell_near_uvp"] == false);
  CHECK(Json::parse(state_message(a_reading()))["alert_cell_near_ovp"].is_null());
}

TEST_CASE("shape: an output of the insight has its entity once it was known, a cell's while there is that cell") {
  Shape shape;
  Insight insight;
  insight.capacity_ah.assign(3, Output<double>::unknown(Reason::bottom_never_seen));
  learn(shape, insight);
  CHECK(shape.empty());
  insight.usable_ah = Output<double>::known(250);
  insight.charge_verdict = Output<ChargeVerdict>::known(ChargeVerdict::bms);
  insight.capacity_ah[2] = Output<double>::known(280);
  insight.minutes_to_stop = Output<double>::known(3);
  insight.advice = "Balance the cells.";
  learn(shape, insight);
  CHECK(shape == Shape{"usable_ah", "charge_verdict", "capacity_3_ah", "minutes_to_stop", "advice"});
  learn(shape, Insight{});  // nothing known now: they stay
  CHECK(shape.size() == 5);
  insight.capacity_ah.pop_back();
  learn(shape, insight);
  CHECK_FALSE(shape.contains("capacity_3_ah"));
  learn_alerts(shape, false);
  CHECK(shape.contains("alert_charge_cut_by_bms"));
  CHECK_FALSE(shape.contains("alert_cell_delta"));
  learn_alerts(shape, true);
  CHECK(shape.contains("alert_cell_delta"));
}

TEST_CASE("discovery: the insight's dashboard is in force, its other values are diagnostics to be enabled") {
  const auto payload =
      Discovery(topics, settings(Form::device)).pack(a_pack(), identity, shape_of(a_reading()))[0].payload;
  const auto cmps = Json::parse(payload)["cmps"];
  for (const auto* key : {"charge_verdict", "charge_margin_mv", "first_full_cell", "first_empty_cell",
                          "offset_top_spread_pct", "usable_ah", "loss_imbalance_ah", "loss_mismatch_ah",
                          "recommended_charge_v", "class", "balance_state", "advice"}) {
    CAPTURE(std::string(key));
    REQUIRE(cmps.contains(key));
    CHECK_FALSE((cmps[key].contains("en") || cmps[key].contains("ent_cat")));
    CHECK(cmps[key]["stat_t"] == "cellwarden/house-1/insight");
  }
  for (const auto& [key, component] : cmps.items()) {
    if (component.value("stat_t", "") != "cellwarden/house-1/insight" || !component.contains("en")) continue;
    CAPTURE(key);
    CHECK(component["en"] == false);
    CHECK(component["ent_cat"] == "diagnostic");
  }
  for (const auto* key : {"discharge_verdict", "weakest_cell", "offset_top_2_pct", "r_4_mohm", "minutes_to_stop"})
    CHECK(cmps[key]["en"] == false);
  CHECK(cmps["charge_verdict"]["ops"] == Json{"bms", "charger", "marginal"});
  CHECK_FALSE(cmps["alert_cell_near_ovp"].contains("stat_t"));
}

TEST_CASE("discovery: every output of the insight has its entity, but for codes, repetitions and lists of words") {
  const auto payload =
      Discovery(topics, settings(Form::device)).pack(a_pack(), identity, shape_of(a_reading()))[0].payload;
  const Json cmps = Json::parse(payload)["cmps"];
  const Insight insight = an_insight();
  each_output(insight, [&]<class T>(std::string_view key, const T&) {
    const bool left_out = key.ends_with("_src") || key.starts_with("inaccessible_") || key == "class_flags" ||
                          key == "drift_significant" || key == "drift_suspect" || key == "drift_measured_days_ago";
    std::string value(key);
    if constexpr (!requires(T output) { output.value; }) value += "[3]";
    CAPTURE(value);
    const bool shown = std::ranges::any_of(cmps, [&](const Json& component) {
      return component.value("val_tpl", "") == "{{ value_json." + value + " }}";
    });
    CHECK(shown != left_out);
  });
}

TEST_CASE("discovery: no advice is shown as nothing to do, not as unknown") {
  const auto payload =
      Discovery(topics, settings(Form::device)).pack(a_pack(), identity, shape_of(a_reading()))[0].payload;
  CHECK(Json::parse(payload)["cmps"]["advice"]["val_tpl"] ==
        "{{ value_json.advice if value_json.advice else 'Nothing to do' }}");
}
