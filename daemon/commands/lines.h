#pragma once
// From a config to running conversations, and from one config to the next: one Line per port, one PackSession per
// conversation on it. A pack that did not change keeps talking. One whose protocol is "auto" is looked for until it is
// found, and again when it falls silent.
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "config/config.h"
#include "daemon/commands/answers.h"
#include "daemon/links/ble_bluez.h"
#include "daemon/packs/line.h"
#include "daemon/packs/pack_session.h"

namespace cellwarden {

class Lines {
 public:
  /// `observer` hears of every pack. `found` remembers how packs with protocol "auto" answered; null: nobody does.
  Lines(boost::asio::io_context& io, PackObserver& observer, const BluetoothConfig& bluetooth = {},
        FoundStore* found = nullptr);

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
  struct Activity {
    std::unique_ptr<boost::asio::cancellation_signal> stop;
    bool leaving = false, ended = false;
  };
  struct Talk : Activity {
    std::vector<PackConfig> packs;  ///< one, or all of the line where its protocol brings them together
    std::unique_ptr<PackSession> session;
  };
  /// For packs whose protocol is "auto".
  struct Hunt : Activity {
    std::vector<finding::Search::Wanted> packs;
    std::vector<PackConfig> others;  ///< who talk on the same line
    std::unique_ptr<finding::Search> search;
  };
  /// All that goes on at one port.
  struct SharedPort {
    PackConfig settings;         ///< of the first pack: link, baud and mode are those of all
    std::unique_ptr<Line> line;  ///< null: a hunt alone has the port
    std::list<Talk> talks;
    std::optional<Hunt> hunt;
  };

  std::unique_ptr<Port> make_port(const PackConfig& pack);
  void reconsider();
  void settle();
  std::list<SharedPort>::iterator port_of(const LinkAddress& link);
  void start(SharedPort& port, const std::vector<PackConfig>& packs);
  void hunt(SharedPort& port, std::vector<finding::Search::Wanted> packs, const std::vector<PackConfig>& known);
  Task<void> look(SharedPort& port);
  void take(const finding::Search::Result& result);
  void doubt(const std::string& pack_id);
  bool release_sought(const std::string& id, Duration time);
  void take_back(const std::string& id);
  static void leave(Activity& activity);

  boost::asio::io_context& io_;
  PackObserver& observer_;
  ble::Bluez bluez_;  ///< reaches for nothing before a pack needs it
  Line::Tap tap_;
  std::vector<PackConfig> wanted_;
  int offline_after_polls_ = 3;
  Answers answers_;
  /// By id, those whose link is left to others while they are being looked for; when its timer ends it is taken back.
  std::map<std::string, boost::asio::steady_timer> released_;
  std::list<SharedPort> ports_;
};

/// Not opened yet.
std::unique_ptr<Port> make_port(boost::asio::any_io_executor executor, const finding::Place& place, unsigned baud,
                                bool only_listens);

/// Throws LinkLost, saying why, when the pack's port cannot be opened now. For commands run by hand: there a port that
/// cannot be opened is an answer, not a reason to wait.
void check_opens(const PackConfig& pack);

}  // namespace cellwarden
