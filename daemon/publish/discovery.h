#pragma once
// Home Assistant's discovery messages. Pure: settings and a pack's shape in, topics and payloads out.
//
//   device   <prefix>/device/<topic>_<id>/config              one message, all components in `cmps`
//   single   <prefix>/<platform>/<topic>_<id>/<key>/config    the same components, each with device and origin put in
#include <map>
#include <string>
#include <vector>

#include "config/config.h"
#include "daemon/publish/entities.h"
#include "daemon/publish/topics.h"

namespace cellwarden {

/// Component key -> platform.
using Components = std::map<std::string, std::string>;

struct DiscoveryMessage {
  std::string topic, payload;
  Components components;
};

class Discovery {
 public:
  Discovery(Topics topics, HomeAssistantConfig config) : topics_(std::move(topics)), config_(std::move(config)) {}

  /// The service's own device: Running.
  std::vector<DiscoveryMessage> service() const;
  /// A pack of this shape; with an empty one Connection and Events only. `vanished` components are named for removal.
  std::vector<DiscoveryMessage> pack(const PackConfig& pack, const Identity& identity, const Shape& shape,
                                     const Components& vanished = {}) const;
  /// A bank: all its values from the start, for they do not depend on what it is.
  std::vector<DiscoveryMessage> bank(const BankSettings& bank, const Components& vanished = {}) const;

 private:
  struct Device;
  Device device(const std::string& id, const std::string& name) const;
  void add_entities(Device& device, const std::string& id, const std::vector<Entity>& entities) const;
  std::vector<DiscoveryMessage> messages(const Device& device, const Components& vanished) const;

  Topics topics_;
  HomeAssistantConfig config_;
};

}  // namespace cellwarden
