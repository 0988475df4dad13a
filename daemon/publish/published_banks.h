#pragma once
// The banks as the broker knows them: their statuses, states and infos.
//
//   a bank's state -> <id>/state, by the packs' schedule; at once when a pack of it is lost or back, or the verdict or
//                     what is wrong changes
//   online         -> while any of its packs is fresh; which are not stands in the state
#include <map>
#include <string>
#include <vector>

#include "daemon/banks/bank_state.h"
#include "daemon/publish/mqtt_client.h"
#include "daemon/publish/publish_schedule.h"
#include "daemon/publish/topics.h"

namespace cellwarden {

class PublishedBanks {
 public:
  PublishedBanks(Topics topics, MqttClient& client, double publish_min_s, double publish_max_s);

  /// The banks from now on; what is known of one that did not change stays.
  void set(const std::vector<BankSettings>& banks);
  void take(const std::string& id, const BankState& news);
  void publish_statuses() const;
  /// Info and state.
  void publish_all(const std::string& id) const;

  bool contains(const std::string& id) const { return banks_.contains(id); }
  std::vector<BankSettings> settings() const;

 private:
  struct Bank {
    BankSettings settings;
    PublishSchedule schedule;
    std::optional<BankState> state = {}, published = {};
  };
  void publish_status(const std::string& id, const Bank& bank) const;
  void publish_info(const std::string& id, const Bank& bank) const;
  void publish_state(const std::string& id, const Bank& bank) const;

  Topics topics_;
  MqttClient& client_;
  double min_s_, max_s_;
  std::map<std::string, Bank> banks_;
};

}  // namespace cellwarden
