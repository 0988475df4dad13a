#pragma once
// One pack's Bluetooth link as a Port: a read is a notification, a write goes to the characteristic beside it.
//
//   open: adapter -> (ladder) -> in sight -> its turn -> connected -> (paired) -> services -> notifications
//   A link that dropped is told once, by LinkLost: the conversation begins anew with the next link.
#include <boost/asio/any_io_executor.hpp>

#include <optional>
#include <string>
#include <vector>

#include "daemon/links/ble_bluez.h"
#include "daemon/links/ble_chosen.h"
#include "daemon/links/ble_ladder.h"
#include "daemon/links/ble_notifications.h"
#include "daemon/links/port.h"
#include "protocols/adapter.h"

namespace cellwarden::ble {

struct BleSettings {
  std::string device;   ///< address or name
  std::string adapter;  ///< empty: the first
  std::string pin;      ///< empty: not paired
  std::span<const GattService> services;
};

class BlePort final : public Port, private Watcher {
 public:
  BlePort(Bluez& bluez, BleSettings settings);
  ~BlePort() override;

  bool is_open() const override { return state_ != State::closed; }
  Task<void> open() override;
  void close() override;
  Task<void> write(Bytes bytes) override;
  Task<Buffer> read(SteadyTime deadline) override;
  void drop_unread() override { notifications_.drop_unread(); }
  Duration wire_time(std::size_t) const override { return {}; }
  std::string name() const override { return "ble:" + settings_.device; }
  /// What the connected device shows, in full UUIDs.
  std::vector<std::string> services() const;

  void heard() override;
  void unheard() override;
  void let_go() override;
  LinkCounters counters() const override { return counters_; }

 private:
  enum class State { closed, open, lost };  ///< lost: not told yet

  void on_changed(const std::string& path, const std::string& interface, const Properties& news) override;
  void on_removed(const std::string& path) override;
  void on_gone(const std::string& why) override;
  const std::string& adapter_path() const override { return adapter_path_; }
  bool seeks() const override { return seeks_; }
  bool holds_link() const override { return !linked_.empty(); }
  bool is_healthy(SteadyTime now) const override;
  std::string on_pin_wanted() override;
  bool holds(const std::string& device_path) const override { return device_path == linked_; }

  Task<void> climb(Radio& radio);
  Task<void> take_over();
  Task<void> link_up();
  Task<void> end_old_link();
  Task<void> connect();
  Task<void> offer_agent();
  Task<void> pair();
  Task<void> await_services();
  Task<void> subscribe();
  void lost(const std::string& why);
  void must_be_linked() const;
  Call on_device(const char* method) const;

  Bluez& bluez_;
  BleSettings settings_;
  State state_ = State::closed;
  std::string adapter_path_;
  std::string device_path_;  ///< as last seen
  std::string linked_;       ///< the device path while there is, or may be, a link
  Chosen over_;
  bool by_property_ = false;  ///< notifications come by PropertiesChanged
  std::size_t longest_write_ = 20;
  std::string lost_why_;
  Notifications notifications_;

  bool seeks_ = false;
  /// Good frames came, over whatever link. Before, AcquireNotify is left alone: of a board that wants to be paired
  /// first bluetoothd 5.66 leaves it unanswered, refuses every other from then on, and goes down when the device is
  /// removed.
  bool spoke_ = false;
  Ladder ladder_;
  int held_elsewhere_ = 0;  ///< times in a row
  std::optional<SteadyTime> last_frame_;
  LinkCounters counters_;
};

}  // namespace cellwarden::ble
