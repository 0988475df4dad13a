#pragma once
// One board as the radio hears it: it advertises until a central has it, then its attributes are the wire between that
// central and its Device.
#include <deque>
#include <functional>
#include <optional>

#include "tests/simulator/ble/address.h"
#include "tests/simulator/ble/att_server.h"
#include "tests/simulator/ble/pairing.h"
#include "tests/simulator/ble/timers.h"

namespace simulator::ble {

/// What a peripheral asks of the link it has.
class Link {
 public:
  virtual ~Link() = default;
  virtual void send_attribute(const Octets& pdu) = 0;
  virtual void end(int reason) = 0;
};
inline constexpr int supervision_timeout = 0x08, ended_by_peer = 0x13, ended_by_host = 0x16;

struct PeripheralOptions {
  Address address;
  Octets advertisement{}, scan_response{};  ///< at most 31 bytes each
  std::vector<Service> services{};
  int writes_to = 0, notifies_from = 0;  ///< handles; 0: the first characteristic that can
  int mtu = 247;
  std::size_t chunk = 0;  ///< a notification is no longer than that; 0: as long as the MTU allows
  int rssi = -60;
  std::string greeting{};  ///< said when a central subscribes
  std::string pin{};       ///< nothing without being paired by it; empty: it is open to all
};

class Peripheral {
 public:
  using Respond = std::function<std::vector<Answer>(const Octets&)>;

  Peripheral(PeripheralOptions options, Timers& timers, Device& device, Respond respond);
  Peripheral(const Peripheral&) = delete;

  /// Called when a central has come, and when it has gone.
  std::function<void(bool linked)> on_link;

  // The radio's side.
  const PeripheralOptions& options() const { return options_; }
  bool audible() const { return link_ == nullptr && present_ && phones_ == 0; }
  void linked(Link& link);
  void unlinked();
  /// What the central sent to the attribute server; its answer, or nothing.
  Octets respond(const Octets& pdu);
  /// The same for its Security Manager.
  Octets pair(const Octets& pdu, const Octets& central);
  bool encrypts(const Key& key, int diversifier);
  std::vector<Octets> keys_to_tell();

  // What goes wrong on request.
  void drop();
  void leave();  ///< out of range: the link is lost, nothing is heard of it
  void come_back() { present_ = true; }
  void phone(Milliseconds length);    ///< a phone has it for that long
  void silence(Milliseconds length);  ///< hears and says nothing, the link stays
  void lose(int notifications) { to_lose_ += notifications; }
  void merge(int notifications) { to_merge_ += notifications; }

 private:
  void written(const Octets& value);
  void subscribed(int handle);
  void beat(int link);
  void queue(Answer answer);
  void send_next();
  void send_chunks(int link);
  void notify(const Octets& chunk);
  std::size_t most() const;

  PeripheralOptions options_;
  Timers& timers_;
  Device& device_;
  Respond respond_;
  AttServer server_;
  std::optional<Pairing> pairing_;
  Link* link_ = nullptr;
  int links_ = 0;  ///< so far: what was meant for an older one is void
  bool present_ = true, beats_ = false, sends_ = false;
  int phones_ = 0, silences_ = 0;  ///< that have not ended
  std::deque<Answer> to_send_;
  Octets held_;  ///< notifications that go out merged with the next
  int to_lose_ = 0, to_merge_ = 0;
};

}  // namespace simulator::ble
