#pragma once
// From a config to running conversations, and from one config to the next: one Line per port, one PackSession per
// conversation on it. A pack that did not change keeps talking.
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <list>
#include <memory>
#include <vector>

#include "config/config.h"
#include "daemon/links/ble_bluez.h"
#include "daemon/packs/line.h"
#include "daemon/packs/pack_session.h"

namespace cellwarden {

class Lines {
 public:
  /// `observer` hears of every pack.
  Lines(boost::asio::io_context& io, PackObserver& observer, const BluetoothConfig& bluetooth = {});

  /// Starts what is new, ends what is gone, leaves alone what is equal. A port is opened when its session first
  /// speaks, and only after the one before has let go of it. A session that fails in a way nobody foresaw ends the
  /// program, loudly.
  void set(std::vector<PackConfig> packs, int offline_after_polls);

  /// Ends every session and waits for it: a conversation holds its line until it is over.
  void stop();

  /// Leaves a pack's Bluetooth link to others for so long (zero: takes it back); false where `id` has none.
  bool release(const std::string& id, Duration time);

  /// Sees every chunk of lines that start from now on (record).
  void tap(Line::Tap tap) { tap_ = std::move(tap); }

 private:
  struct Talk {
    std::vector<PackConfig> packs;  ///< one, or all of the line where its protocol brings them together
    std::unique_ptr<PackSession> session;
    std::unique_ptr<boost::asio::cancellation_signal> stop;
    bool leaving = false, ended = false;
  };
  /// All that goes on at one port.
  struct SharedPort {
    PackConfig settings;  ///< of the first pack: link, baud and mode are those of all
    std::unique_ptr<Line> line;
    std::list<Talk> talks;
  };

  std::unique_ptr<Port> make_port(const PackConfig& pack);
  void settle();
  void start(SharedPort& port, const std::vector<PackConfig>& packs);
  static void leave(Talk& talk);

  boost::asio::io_context& io_;
  PackObserver& observer_;
  ble::Bluez bluez_;  ///< reaches for nothing before a pack needs it
  Line::Tap tap_;
  std::vector<PackConfig> wanted_;
  int offline_after_polls_ = 3;
  std::list<SharedPort> ports_;
};

/// Throws LinkLost, saying why, when the pack's port cannot be opened now. For commands run by hand: there a port that
/// cannot be opened is an answer, not a reason to wait.
void check_opens(const PackConfig& pack);

}  // namespace cellwarden
