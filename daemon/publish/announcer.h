#pragma once
// Keeps what Home Assistant holds of ours equal to what there is: announces devices, names the components that
// vanished, and after each connect clears what the broker still remembers from before.
//
//   connect -> listen -> announce everything -> some seconds in which the broker tells what it held -> settle
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "daemon/publish/discovery.h"
#include "daemon/publish/leftovers.h"
#include "daemon/publish/mqtt_client.h"

namespace cellwarden {

/// A pack as a device of Home Assistant.
struct PackDevice {
  PackConfig config;
  Identity identity;
  Shape shape;
};

class Announcer {
 public:
  /// `client` carries everything out; it may be made after this.
  Announcer(Topics topics, HomeAssistantConfig config, MqttClient& client);

  bool announces() const { return config_.discovery != HomeAssistantConfig::Discovery::off; }

  /// Asks the broker what it holds of ours. Before anything is announced: it then tells what was there before.
  void listen();
  /// A message that came in; counts while listening.
  void hear(const MqttMessage& message);
  /// The broker has told what it held: what is no longer ours to show goes.
  void settle(const std::vector<PackDevice>& packs, const std::vector<BankSettings>& banks);
  void disconnected();

  void announce_service();
  void announce(const PackDevice& pack);
  void announce(const BankSettings& bank);
  /// Of packs and banks that are not `configured` nothing is known any more.
  void keep_only(const std::function<bool(const std::string& id)>& configured);

 private:
  /// A device's messages, those that name `vanished` components for removal where there are any.
  using Messages = std::function<std::vector<DiscoveryMessage>(const Components& vanished)>;
  Messages messages(const PackDevice& pack) const;
  Messages messages(const BankSettings& bank) const;
  void announce(const std::string& id, bool heard, const Messages& messages);
  void settle(const std::string& id, bool heard, const Messages& messages);
  void send(const std::vector<DiscoveryMessage>& messages);
  bool settle_device(const std::string& object, const std::vector<DiscoveryMessage>& messages);
  void remember_held(const std::string& id, bool heard, const Messages& messages);
  /// Whether `topic` announces the device `object` in the form that is configured.
  bool in_our_form(const std::string& topic, const std::string& object) const;

  HomeAssistantConfig config_;
  Topics topics_;
  Discovery discovery_;
  Leftovers leftovers_;
  MqttClient& client_;
  bool listening_ = false;
  /// Pack's or bank's id -> discovery topic -> components that Home Assistant has from us on this connection.
  std::map<std::string, std::map<std::string, Components>> held_;
};

}  // namespace cellwarden
