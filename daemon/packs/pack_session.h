#pragma once
// One conversation's life on a line: an adapter runs over it, its events go to the packs they come from, and whatever
// the link throws becomes a state here and nowhere else.
//
//   talking --LinkTimeout, LinkLost--> backing off (1 s, 2 s, 4 s .. 30 s) --> talking
//           --DeviceRefused----------> backing off for 10 min: said to the owner, not retried quickly
//   A good frame resets the back-off. Whether a pack is online is decided by the age of its last good reading alone.
//
//   A link that others want too is let go between two readings (mode per-poll), and for a while when its owner says so
//   (release): then nothing is asked until that while is over.
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/packs/line.h"
#include "daemon/packs/pack.h"

namespace cellwarden {

class PackSession : public Sink {
 public:
  /// `packs` share one conversation: one for most protocols, several where the adapter brings several addresses.
  PackSession(Link& link, std::string link_name, std::unique_ptr<Adapter> adapter, const std::vector<PackConfig>& packs,
              int offline_after_polls, PackObserver& observer);

  /// Runs until cancelled.
  Task<void> run();

  void emit(Event event) override;

  /// The owner wants the link for something else (the BMS's phone app), for so long; zero: no longer. An hour at most.
  void release(Duration time);

  /// Calls `then` once so many conversations running brought no good frame: whoever is there is somebody else.
  void when_silent(int conversations, std::function<void()> then);

  std::vector<const Pack*> packs() const;

 private:
  Task<void> talk();
  Task<bool> converse();
  Task<void> interrupted();
  Task<void> rest(SteadyTime until);
  Task<void> stay_away();
  void interrupt();
  bool is_radio() const { return link_name_.starts_with("ble:"); }
  Task<void> watch_freshness();
  void fault(const std::string& what);
  std::string explain_silence() const;
  BothClocks moment() const;

  Link& link_;
  std::string link_name_;
  std::unique_ptr<Adapter> adapter_;
  std::map<int, Pack> packs_;  ///< by address
  bool per_poll_;
  Duration poll_, back_off_;
  std::optional<boost::asio::steady_timer> interrupt_;  ///< never fires; cancelled, it ends a conversation or a rest
  bool is_interrupted_ = false;
  std::optional<SteadyTime> released_until_;
  std::string last_fault_;
  RepeatingFault spoken_;
  std::uint64_t heard_ = 0, refused_ = 0,
                impossible_ = 0;      ///< since the last reading or back-off: silence or nonsense?
  int silent_ = 0, most_silent_ = 0;  ///< conversations running without a good frame
  std::function<void()> on_silent_;
  bool is_understood_ = false;  ///< a good frame came some time: it is this brand, at this pace
};

}  // namespace cellwarden
