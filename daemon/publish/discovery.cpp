#include "daemon/publish/discovery.h"

#include <nlohmann/json.hpp>

namespace cellwarden {
namespace {

using Json = nlohmann::ordered_json;

struct Component {
  std::string key, platform;
  Json body;  ///< without `p`, which only the device form has
};

Json origin() { return {{"name", "Cellwarden"}, {"sw", CELLWARDEN_VERSION}}; }

Json component(const std::string& object, const Entity& entity) {
  std::string id = object + "_" + entity.key;
  Json body = {{"uniq_id", id}, {"name", entity.name}};
  for (char& c : id)
    if (c == '-') c = '_';  // an entity id has no hyphens
  body["def_ent_id"] = entity.platform + "." + id;
  const auto text = [&](const char* key, const std::string& value) {
    if (!value.empty()) body[key] = value;
  };
  text("dev_cla", entity.device_class);
  text("unit_of_meas", entity.unit);
  text("stat_cla", entity.state_class);
  if (entity.diagnostic) body["ent_cat"] = "diagnostic";
  if (!entity.enabled) body["en"] = false;
  if (!entity.options.empty()) body["ops"] = entity.options;
  if (entity.precision) body["sug_dsp_prc"] = *entity.precision;
  if (!entity.value.empty()) {
    const std::string value = "value_json." + entity.value;
    body["val_tpl"] = entity.when_null.empty() ? "{{ " + value + " }}"
                                               : "{{ " + value + " if " + value + " else '" + entity.when_null + "' }}";
    if (entity.platform == "binary_sensor") body["pl_on"] = "True", body["pl_off"] = "False";  // as JSON's render
  }
  return body;
}

Json availability(std::initializer_list<std::string> topics) {
  Json list = Json::array();
  for (const auto& topic : topics) list.push_back({{"t", topic}});
  return list;
}

void put_text(Json& into, const char* key, const std::optional<std::string>& text) {
  if (text && !text->empty()) into[key] = *text;
}

}  // namespace

struct Discovery::Device {
  std::string object;
  Json dev, shared;  ///< `shared`: what every component has unless it says otherwise
  std::vector<Component> components;
};

std::vector<DiscoveryMessage> Discovery::service() const {
  const auto object = service_object(topics_);
  Json running = component(object, {.key = "running",
                                    .platform = "binary_sensor",
                                    .name = "Running",
                                    .device_class = "running",
                                    .unit = {},
                                    .state_class = {},
                                    .diagnostic = true,
                                    .enabled = true,
                                    .precision = {},
                                    .value = {}});
  running["stat_t"] = topics_.status();
  running["pl_on"] = "online", running["pl_off"] = "offline";
  // It shows that the service is off, so "offline" must not make it unavailable: any word on the topic will do.
  running["avty"] = {{{"t", topics_.status()}, {"val_tpl", "{{ 'online' }}"}}};
  return messages({.object = object,
                   .dev = {{"ids", {object}}, {"name", "Cellwarden " + topics_.base}, {"sw", CELLWARDEN_VERSION}},
                   .shared = Json::object(),
                   .components = {{"running", "binary_sensor", running}}},
                  {});
}

/// What packs and banks have in common: states below their id, and Connection, which must not depend on the status it
/// shows.
Discovery::Device Discovery::device(const std::string& id, const std::string& name) const {
  const auto object = object_of(topics_, id);
  Device device{.object = object,
                .dev = {{"ids", {object}}, {"name", name.empty() ? id : name}},
                .shared = {{"stat_t", topics_.state(id)},
                           {"avty", availability({topics_.status(), topics_.status(id)})},
                           {"avty_mode", "all"}},
                .components = {}};
  Json link = component(object, {.key = "link",
                                 .platform = "binary_sensor",
                                 .name = "Connection",
                                 .device_class = "connectivity",
                                 .unit = {},
                                 .state_class = {},
                                 .diagnostic = true,
                                 .enabled = true,
                                 .precision = {},
                                 .value = {}});
  link["stat_t"] = topics_.status(id);
  link["pl_on"] = "online", link["pl_off"] = "offline";
  link["avty"] = availability({topics_.status()});
  device.components.push_back({"link", "binary_sensor", std::move(link)});
  return device;
}

void Discovery::add_entities(Device& device, const std::string& id, const std::vector<Entity>& entities) const {
  for (const auto& entity : entities) {
    Json body = component(device.object, entity);
    if (entity.topic == Entity::Topic::insight) body["stat_t"] = topics_.insight(id);
    if (entity.even_offline) body["avty"] = availability({topics_.status()});
    device.components.push_back({entity.key, entity.platform, std::move(body)});
  }
}

std::vector<DiscoveryMessage> Discovery::pack(const PackConfig& pack, const Identity& identity, const Shape& shape,
                                              const Components& vanished) const {
  Device made = device(pack.id, pack.name);
  put_text(made.dev, "mf", identity.brand);
  put_text(made.dev, "mdl", identity.model);
  put_text(made.dev, "sn", identity.serial);
  put_text(made.dev, "sw", identity.software);
  put_text(made.dev, "hw", identity.hardware);
  made.dev["via_device"] = service_object(topics_);

  Json events = component(made.object, {.key = "events",
                                        .platform = "event",
                                        .name = "Events",
                                        .device_class = {},
                                        .unit = {},
                                        .state_class = {},
                                        .diagnostic = false,
                                        .enabled = true,
                                        .precision = {},
                                        .value = {}});
  events["stat_t"] = topics_.event(pack.id);
  events["evt_typ"] = {"alarm_raised", "alarm_cleared"};
  events["avty"] = availability({topics_.status()});  // an event tells of an absence too
  made.components.push_back({"events", "event", std::move(events)});
  add_entities(made, pack.id, entities_of(shape));
  return messages(made, vanished);
}

std::vector<DiscoveryMessage> Discovery::bank(const BankSettings& bank, const Components& vanished) const {
  Device made = device(bank.id, bank.name);
  made.dev["mf"] = "Cellwarden";
  made.dev["mdl"] = std::to_string(bank.packs.size()) + " packs in " + std::string(cellwarden::name(bank.joined));
  made.dev["via_device"] = service_object(topics_);
  add_entities(made, bank.id, bank_entities());
  return messages(made, vanished);
}

std::vector<DiscoveryMessage> Discovery::messages(const Device& device, const Components& vanished) const {
  std::vector<DiscoveryMessage> all;
  if (config_.discovery == HomeAssistantConfig::Discovery::off) return all;
  if (config_.discovery == HomeAssistantConfig::Discovery::single) {
    for (const auto& [key, platform, body] : device.components) {
      Json payload = device.shared;
      payload.update(body);
      payload["dev"] = device.dev, payload["o"] = origin();
      all.push_back({config_.prefix + "/" + platform + "/" + device.object + "/" + key + "/config",
                     payload.dump(),
                     {{key, platform}}});
    }
    return all;
  }
  Json payload = {{"dev", device.dev}, {"o", origin()}};
  payload.update(device.shared);
  DiscoveryMessage message{
      .topic = config_.prefix + "/device/" + device.object + "/config", .payload = {}, .components = {}};
  Json& cmps = payload["cmps"] = Json::object();
  for (const auto& [key, platform, body] : device.components) {
    cmps[key] = {{"p", platform}};
    cmps[key].update(body);
    message.components[key] = platform;
  }
  for (const auto& [key, platform] : vanished) cmps[key] = {{"p", platform}};
  message.payload = payload.dump();
  all.push_back(std::move(message));
  return all;
}

}  // namespace cellwarden
