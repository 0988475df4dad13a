#pragma once
// Tells the broker what the packs say, and Home Assistant what there is to see. It never asks a pack anything.
//
//   broker connects -> "online", every pack's status, discovery, info, last state     (all of it, at every connect)
//   Home Assistant's birth message -> the same after a random moment
//   a reading -> <id>/state, when publish_schedule says so
//   what it means -> <id>/insight, at most every insight_min; a verdict that changed at once
//   what its packs are together -> a bank's <id>/state (published_banks.h)
//   an alert that comes or goes -> <id>/event, and with all that stand in <id>/alerts and as a switch in <id>/state
#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "daemon/packs/pack_observer.h"

namespace cellwarden {

/// What a test shortens. The daemon takes the defaults.
struct PublisherTimes {
  /// How long after Home Assistant's birth message everything is announced; default: random, 1..10 s.
  std::function<std::chrono::milliseconds()> birth_delay;
  std::chrono::milliseconds reconnect_first{1000}, reconnect_most{30000};
  /// How long after a connect what the broker still remembers of us is listened to.
  std::chrono::milliseconds listen_for_leftovers{5000};
};

class Publisher final : public PackObserver {
 public:
  /// `executor` is the one thread that calls everything here. `state_dir` keeps the packs' shapes for the next start.
  Publisher(boost::asio::any_io_executor executor, const MqttConfig& mqtt, const HomeAssistantConfig& home_assistant,
            std::vector<PackConfig> packs, const std::vector<BankSettings>& banks, std::filesystem::path state_dir,
            PublisherTimes times = {});
  ~Publisher() override;

  /// Connects, and connects again for ever. Returns at once; a broker that is absent is no error.
  void start();
  /// Publishes "offline" and disconnects. Takes two seconds at most. Call it on the executor's thread.
  void stop();
  bool connected() const;

  /// The packs and banks from now on: new ones are announced, those that are gone are removed from the broker, the
  /// others keep what is known of them.
  void set_packs(std::vector<PackConfig> packs, const std::vector<BankSettings>& banks);

  /// The owner wants a pack's Bluetooth link for so many minutes (0: no longer). It is passed on, not acted on here.
  using OnRelease = std::function<void(const std::string& pack_id, double minutes)>;
  void on_release(OnRelease on_release);

  void on_reading(const std::string& pack_id, const Reading& reading, const Counters& counters) override;
  void on_energy(const std::string& pack_id, const Energy& energy) override;
  void on_insight(const std::string& pack_id, const Insight& insight) override;
  void on_alerts(const std::string& pack_id, const std::vector<Alert>& standing,
                 const std::vector<AlertEvent>& events) override;
  void on_info(const std::string& pack_id, const Identity& identity, const Limits& limits) override;
  void on_status(const std::string& pack_id, bool online, const std::string& why) override;
  void on_bank(const std::string& bank_id, const BankState& bank) override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace cellwarden
