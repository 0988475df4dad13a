#pragma once
// bluetoothd as the tests need it: it really speaks D-Bus, on a bus of their own, and behaves as written into its
// fields. Its habits are those seen of BlueZ 5.66: lost signals, stale objects, "in progress", slow disconnects.
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/links/ble_pump.h"
#include "protocols/bytes.h"

namespace cellwarden::test {

class FakeBluez {
 public:
  struct Characteristic {
    std::string uuid;  ///< short
    std::vector<std::string> flags;
  };
  struct Device {
    std::string address, name;
    std::string service = "ff00";
    std::vector<Characteristic> characteristics = {{"ff01", {"read", "notify"}}, {"ff02", {"write-without-response"}}};
    bool advertises = true;
    bool offers_acquire = true;
    bool tells_connected = true, tells_resolved = true;  ///< the signals; lost now and then
    bool resolves = true;
    bool connect_hangs = false;
    int connect_in_progress = 0;     ///< so many times
    int write_in_progress = 0;       ///< so many times
    std::string connect_error = {};  ///< name of the error
    std::string notify_error = {};   ///< name of the error, of both ways to be notified
    std::chrono::milliseconds disconnect_takes{0};
    std::string pin = {};        ///< it wants to be paired, with this PIN
    bool asks_leave = false;     ///< it wants to be paired, without one
    bool pin_is_passkey = true;  ///< asked for as a number, as LE does; else as text
    std::function<std::vector<Buffer>(const Buffer&)> answer = [](const Buffer& request) {
      return std::vector<Buffer>{request};
    };

    // What became of it.
    int acquired = 0;
    bool connected = false, resolved = false, paired = false;
    int connects = 0, disconnects = 0, removals = 0;
    std::vector<Buffer> written = {};
    std::vector<std::string> write_types = {};
  };

  FakeBluez(boost::asio::io_context& io, std::string bus_address);
  ~FakeBluez();

  /// kill -9 and restart.
  void die();
  void come_back();

  void plug(const std::string& adapter);
  void unplug(const std::string& adapter);
  /// Before anything else of it happens.
  Device& device(const std::string& address, const std::string& name, const std::string& adapter = "hci0");
  /// Starts or stops to advertise.
  void advertise(Device& device, bool on);
  /// The link ends, as seen from the radio; without `signal` only the socket and the calls show it.
  void drop(Device& device, bool signal = true);
  /// Its object goes, as after a while out of sight.
  void forget(Device& device);
  void notify(Device& device, const Buffer& bytes);
  /// Another program has connected to it, and listens or has died meanwhile.
  void hold(Device& device, bool listens);

  /// Pairing as another program asks for it; `done` hears the error's name, or nothing.
  void pair(Device& device, std::function<void(const std::string& error)> done);

  bool powered = true, discovering = false;
  bool discovery_stuck = false;  ///< StartDiscovery: already in progress
  std::string power_error = {};  ///< name of the error
  int power_cycles = 0;
  bool was_discovering_at_connect = false;
  int connecting_at_once = 0, most_connecting_at_once = 0;
  std::vector<std::string> calls;

 private:
  using Reply = std::shared_ptr<sdbus::Result<>>;

  std::string path_of(const Device& device) const;
  void export_adapter(const std::string& adapter);
  void show(Device& device);
  void show_all_advertising();
  void export_gatt(Device& device);
  void on_connect(Device& device, sdbus::Result<>&& result);
  bool is_shut(const Device& device) const { return (!device.pin.empty() || device.asks_leave) && !device.paired; }
  void on_disconnect(Device& device, sdbus::Result<>&& result);
  void changed(const std::string& path, const std::string& interface, std::map<std::string, sdbus::Variant> values,
               std::vector<std::string> gone = {});
  void remove_objects(const std::string& root);
  void later(std::chrono::milliseconds when, std::function<void()> what);
  void set_power(bool on);

  boost::asio::io_context& io_;
  std::string bus_address_;
  std::shared_ptr<ble::Pump> pump_;
  std::map<std::string, std::unique_ptr<sdbus::IObject>> objects_;
  std::unique_ptr<sdbus::IProxy> agent_;
  struct Placed {
    Device device;
    std::string adapter;
    int notify_fd = -1;
    bool notifying = false;
  };
  Placed& placed(Device& device);
  std::list<Placed> devices_;
  std::vector<std::string> adapters_;
  std::list<boost::asio::steady_timer> timers_;
  std::shared_ptr<int> life_ = std::make_shared<int>();  ///< of all `timers_`: ends when they are dropped
  std::vector<Reply> hanging_;
};

}  // namespace cellwarden::test
