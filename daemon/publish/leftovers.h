#pragma once
// What the broker still holds of ours from before: listened to for a moment after each connect, then settled. Pure.
// Only what is surely ours is ever cleared: a discovery message whose object begins with our topic and whose own
// topics all lie below it; a pack's topics only where its info lies there too, for another instance's topic may be
// nested in ours.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/publish/discovery.h"

namespace cellwarden {

class Leftovers {
 public:
  Leftovers(Topics topics, std::string prefix) : topics_(std::move(topics)), prefix_(std::move(prefix)) {}

  /// What to subscribe to while listening.
  std::vector<std::string> filters() const;
  /// A retained message that came in.
  void hear(const std::string& topic, const std::string& payload);
  void forget() { *this = Leftovers(topics_, prefix_); }

  /// Discovery topics of ours by device object, with the components they announce.
  const std::map<std::string, std::map<std::string, Components>>& discovery() const { return discovery_; }
  /// Topics to empty because their pack is not in `packs`.
  std::vector<std::string> of_unknown_packs(const std::set<std::string>& packs) const;

 private:
  void hear_discovery(const std::string& topic, const std::string& payload);

  Topics topics_;
  std::string prefix_;
  std::map<std::string, std::map<std::string, Components>> discovery_;
  std::map<std::string, std::set<std::string>> pack_topics_;  ///< pack id -> last levels
};

}  // namespace cellwarden
