#pragma once
// What is known of one pack: who it is, what it will cut at, its last reading, whether that is fresh. The one place
// where a reading is stamped, checked and let through.
#include <map>
#include <string>

#include "config/config.h"
#include "daemon/packs/pack_observer.h"
#include "daemon/packs/repeating_fault.h"
#include "protocols/adapter.h"

namespace cellwarden {

/// The two clocks at one moment.
struct BothClocks {
  SteadyTime steady;
  UtcTime utc;
};

class Pack {
 public:
  /// Without a good reading for `offline_after` the pack is offline.
  Pack(PackConfig config, Duration offline_after, PackObserver& observer);

  /// Tells the observer that the pack is offline, not heard yet.
  void start(BothClocks now);

  /// News from the wire. A reading is stamped, checked and passed on, or counted by reason. True when one was
  /// passed on.
  bool on_event(const Event& event, BothClocks now);
  void on_link(const LinkCounters& link) { counters_.link = link; }
  void on_timeout() { ++counters_.timeouts; }
  void on_reconnect() { ++counters_.reconnects; }

  /// Time passes: a pack whose last good reading is too old goes offline. `why` is the session's last fault.
  void on_tick(BothClocks now, const std::string& why);

  const PackConfig& config() const { return config_; }
  const Counters& counters() const { return counters_; }
  bool online() const { return online_; }

 private:
  bool take(Reading reading, BothClocks now);
  void reject(FrameError why) { ++counters_.rejected[static_cast<std::size_t>(why)]; }
  template <class T>
  void learn(T& known, const T& news);
  void set_online(bool online, const std::string& why);
  bool let_through(Reading& reading);

  PackConfig config_;
  Duration offline_after_;
  PackObserver& observer_;

  Counters counters_;
  Identity identity_;
  Limits limits_;
  bool online_ = false;
  std::string why_;  ///< why it is offline, as last told
  SteadyTime last_good_{};
  /// By cell, readings in a row in which it was impossible: three times running it is news, not noise.
  std::map<int, int> impossible_in_a_row_;
};

}  // namespace cellwarden
