#include "daemon/publish/announcer.h"

#include <spdlog/spdlog.h>

#include <set>

namespace cellwarden {

Announcer::Announcer(Topics topics, HomeAssistantConfig config, MqttClient& client)
    : config_(std::move(config)),
      topics_(std::move(topics)),
      discovery_(topics_, config_),
      leftovers_(topics_, config_.prefix),
      client_(client) {}

Announcer::Messages Announcer::messages(const PackDevice& pack) const {
  return [&](const Components& vanished) { return discovery_.pack(pack.config, pack.identity, pack.shape, vanished); };
}
Announcer::Messages Announcer::messages(const BankSettings& bank) const {
  return [&](const Components& vanished) { return discovery_.bank(bank, vanished); };
}

void Announcer::send(const std::vector<DiscoveryMessage>& messages) {
  for (const auto& message : messages) client_.publish(message.topic, message.payload, true, 1);
}

void Announcer::announce_service() { send(discovery_.service()); }

void Announcer::announce(const PackDevice& pack) { announce(pack.config.id, !pack.shape.empty(), messages(pack)); }
void Announcer::announce(const BankSettings& bank) { announce(bank.id, true, messages(bank)); }

/// Components that this pack had and has no more are named for removal once, then left out (or Home Assistant
/// would keep them for ever). A pack not heard yet loses nothing: its cells are only not known.
void Announcer::announce(const std::string& id, bool heard, const Messages& messages) {
  const auto news = messages({});
  std::map<std::string, Components> now;
  for (const auto& message : news) now[message.topic] = message.components;
  auto& held = held_[id];
  for (const auto& [topic, components] : std::exchange(held, now)) {
    if (!heard) {
      held[topic].insert(components.begin(), components.end());
      continue;
    }
    const auto still = now.find(topic);
    if (still == now.end()) {
      client_.publish(topic, "", true, 1);
      continue;
    }
    Components vanished;
    for (const auto& [key, platform] : components)
      if (!still->second.contains(key)) vanished.emplace(key, platform);
    if (vanished.empty()) continue;
    for (const auto& farewell : messages(vanished))
      if (farewell.topic == topic) client_.publish(farewell.topic, farewell.payload, true, 1);
  }
  send(news);
}

void Announcer::keep_only(const std::function<bool(const std::string& id)>& configured) {
  std::erase_if(held_, [&](const auto& known) { return !configured(known.first); });
}

void Announcer::listen() {
  leftovers_.forget();
  listening_ = true;
  for (const auto& filter : leftovers_.filters()) client_.subscribe(filter);
}

void Announcer::hear(const MqttMessage& message) {
  if (listening_ && message.retained) leftovers_.hear(message.topic, message.payload);
}

void Announcer::disconnected() {
  listening_ = false;
  held_.clear();
}

void Announcer::settle(const std::vector<PackDevice>& packs, const std::vector<BankSettings>& banks) {
  listening_ = false;
  for (const auto& filter : leftovers_.filters()) client_.unsubscribe(filter);
  std::set<std::string> ids;
  for (const auto& pack : packs) ids.insert(pack.config.id);
  for (const auto& bank : banks) ids.insert(bank.id);
  for (const auto& topic : leftovers_.of_unknown_packs(ids)) {
    spdlog::info("mqtt: removing {}: its pack or bank is no longer configured", topic);
    client_.publish(topic, "", true, 1);
  }
  settle_device(service_object(topics_), discovery_.service());
  for (const auto& pack : packs) settle(pack.config.id, !pack.shape.empty(), messages(pack));
  for (const auto& bank : banks) settle(bank.id, true, messages(bank));
  leftovers_.forget();
}

void Announcer::settle(const std::string& id, bool heard, const Messages& messages) {
  if (settle_device(object_of(topics_, id), messages({}))) remember_held(id, heard, messages);
}

/// A device announced in the other form moves over with its history; without discovery it goes. False when the broker
/// held nothing of it.
bool Announcer::settle_device(const std::string& object, const std::vector<DiscoveryMessage>& messages) {
  const auto found = leftovers_.discovery().find(object);
  if (found == leftovers_.discovery().end()) return false;
  std::set<std::string> current;
  for (const auto& message : messages) current.insert(message.topic);
  std::vector<std::string> other_form;
  for (const auto& [topic, components] : found->second)
    if (!current.contains(topic) && !in_our_form(topic, object)) other_form.push_back(topic);
  if (announces() && !other_form.empty()) {
    for (const auto& topic : other_form) client_.publish(topic, R"({"migrate_discovery":true})", false, 1);
    send(messages);
  }
  for (const auto& topic : other_form) client_.publish(topic, "", true, 1);
  return true;
}

/// Adds what the broker held of a device to what is known to be announced, and announces if that changes something.
void Announcer::remember_held(const std::string& id, bool heard, const Messages& messages) {
  const std::string object = object_of(topics_, id);
  auto& held = held_[id];
  const auto before = held;
  for (const auto& [topic, components] : leftovers_.discovery().at(object))
    if (in_our_form(topic, object)) held[topic].insert(components.begin(), components.end());
  if (held != before && heard) announce(id, heard, messages);
}

bool Announcer::in_our_form(const std::string& topic, const std::string& object) const {
  const bool as_device = topic == config_.prefix + "/device/" + object + "/config";
  return announces() && as_device == (config_.discovery == HomeAssistantConfig::Discovery::device);
}

}  // namespace cellwarden
