#pragma once
// What comes in on <id>/release: for how many minutes its owner wants a pack's Bluetooth link for the phone app.
#include <optional>
#include <string>

#include "daemon/packs/released.h"
#include "daemon/publish/mqtt_client.h"
#include "daemon/publish/topics.h"

namespace cellwarden {

constexpr double longest_release_min = longest_release.count();

struct ReleaseWish {
  std::string pack_id;
  double minutes = 0;  ///< 0: no longer
};

/// Empty where the message is none, is no number of minutes within reach, or was kept by the broker: that one is of
/// another day, and would come again with every connect.
std::optional<ReleaseWish> release_wish(const Topics& topics, const MqttMessage& message);

}  // namespace cellwarden
