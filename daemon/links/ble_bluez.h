#pragma once
// All Bluetooth of this process: the bus, what bluetoothd shows, one Radio per adapter. Shared by every pack on a
// "ble:" link. Whatever goes away here is reached for again by whoever needs it next.
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <map>
#include <memory>
#include <string>

#include "daemon/links/async_lock.h"
#include "daemon/links/ble_objects.h"
#include "daemon/links/ble_radio.h"
#include "daemon/links/ble_settings.h"

namespace cellwarden::ble {

/// One pack's hold on a device, as Bluez and the radios see it.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_changed(const std::string& path, const std::string& interface, const Properties& news) = 0;
  virtual void on_removed(const std::string& path) = 0;
  /// bluetoothd or the bus is gone: `why`.
  virtual void on_gone(const std::string& why) = 0;

  /// The adapter it uses now; empty: none.
  virtual const std::string& adapter_path() const = 0;
  /// It still wants its device and has none: the adapter must listen.
  virtual bool seeks() const = 0;
  virtual bool holds_link() const = 0;
  /// Good frames came lately: nothing may disturb it.
  virtual bool is_healthy(SteadyTime now) const = 0;
  virtual bool holds(const std::string& device_path) const = 0;
  /// bluetoothd pairs with what it holds, and asks for the PIN; empty: refused.
  virtual std::string on_pin_wanted() = 0;
};

class Bluez : private BusListener {
 public:
  Bluez(boost::asio::any_io_executor executor, BluezSettings settings);
  ~Bluez() override;
  Bluez(const Bluez&) = delete;

  /// Reaches the bus, bluetoothd and the adapter (`wanted`: "hci0" or its address; empty: the first) and switches it
  /// on. Throws LinkLost: which of them is missing, and what to do.
  Task<Radio*> radio(std::string wanted);

  bool is_reached() const { return bus_ && listed_; }
  /// Throws LinkLost when it is gone.
  Bus& bus();
  KnownObjects& objects() { return objects_; }
  const BluezSettings& settings() const { return settings_; }
  SteadyTime now() const { return std::chrono::steady_clock::now(); }
  const boost::asio::any_io_executor& executor() const { return executor_; }

  /// Waits until bluetoothd has news, or somebody here has, or `until`.
  Task<void> news(SteadyTime until);
  void tell_all();
  /// The adapter stops listening where nobody seeks any more.
  void rest(const std::string& adapter_path);

  void add(Watcher& watcher) { watchers_.push_back(&watcher); }
  void remove(Watcher& watcher) { watchers_.remove(&watcher); }
  const std::list<Watcher*>& watchers() const { return watchers_; }

  /// Pairing asks for PINs from now on.
  Task<void> offer_agent();

 private:
  void on_all(Objects objects) override;
  void on_added(const std::string& path, Interfaces interfaces) override;
  void on_removed(const std::string& path, const std::vector<std::string>& interfaces) override;
  void on_changed(const std::string& path, const std::string& interface, Properties now_have,
                  const std::vector<std::string>& gone) override;
  void on_daemon(bool there) override;
  void on_closed() override;

  Task<void> reach();
  void forget_all(const std::string& why);
  std::string pick_adapter(const std::string& wanted) const;

  boost::asio::any_io_executor executor_;
  BluezSettings settings_;
  std::unique_ptr<Bus> bus_;
  bool listed_ = false, agent_known_ = false;
  AsyncLock reaching_;
  KnownObjects objects_;
  std::list<Watcher*> watchers_;
  std::list<boost::asio::steady_timer*> waiting_;
  std::map<std::string, std::unique_ptr<Radio>> radios_;  ///< by adapter path
};

}  // namespace cellwarden::ble
