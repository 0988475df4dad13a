#pragma once
// Where news of packs goes: the publisher, a table on a terminal, a test.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "protocols/battery.h"
#include "protocols/framing.h"
#include "protocols/link_counters.h"

namespace cellwarden {

struct Insight;
struct Alert;
struct AlertEvent;
struct BankState;

/// What went right and wrong on the wire since the start, by reason.
struct Counters {
  std::uint64_t readings = 0, good_frames = 0, timeouts = 0, reconnects = 0;
  std::array<std::uint64_t, frame_error_count> rejected{};  ///< indexed by FrameError
  LinkCounters link;                                        ///< of a radio link
};

class PackObserver {
 public:
  virtual ~PackObserver() = default;
  virtual void on_reading(const std::string& pack_id, const Reading& reading, const Counters& counters) = 0;
  /// What has been counted so far, told just before each reading once anything is known of it.
  virtual void on_energy(const std::string& /*pack_id*/, const Energy& /*energy*/) {}
  /// What the analysis made of a reading, told just after it. The publisher chooses how often it goes out.
  virtual void on_insight(const std::string& /*pack_id*/, const Insight& /*insight*/) {}
  /// All alerts that stand now; told at the start, and whenever `events` says what came or went.
  virtual void on_alerts(const std::string& /*pack_id*/, const std::vector<Alert>& /*standing*/,
                         const std::vector<AlertEvent>& /*events*/) {}
  /// Identity or limits became known or changed; both as known so far.
  virtual void on_info(const std::string& pack_id, const Identity& identity, const Limits& limits) = 0;
  /// Told at every change, and once at the start (offline). `why` is a sentence for the owner, empty when online.
  virtual void on_status(const std::string& pack_id, bool online, const std::string& why) = 0;
  /// What the packs of a bank are together, told after each news of one of them, and once at the start.
  virtual void on_bank(const std::string& /*bank_id*/, const BankState& /*bank*/) {}
};

}  // namespace cellwarden
