#pragma once
// The D-Bus connection to bluetoothd, in this house's own terms: nothing here shows the library behind it.
#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "protocols/link.h"

namespace cellwarden::ble {

/// A property's value, as far as BlueZ' objects are looked at. Numbers of any width are one; of the manufacturer's data
/// only the company ids are kept.
using Value =
    std::variant<bool, std::int64_t, std::string, std::vector<std::string>, Buffer, std::vector<std::uint16_t>>;
using Properties = std::map<std::string, Value>;
using Interfaces = std::map<std::string, Properties>;
using Objects = std::map<std::string, Interfaces>;  ///< by path

inline constexpr const char* adapter_interface = "org.bluez.Adapter1";
inline constexpr const char* device_interface = "org.bluez.Device1";
inline constexpr const char* service_interface = "org.bluez.GattService1";
inline constexpr const char* characteristic_interface = "org.bluez.GattCharacteristic1";

/// An error as the bus or bluetoothd tells it: `name` such as "org.bluez.Error.InProgress".
struct BusError : std::runtime_error {
  BusError(std::string error_name, const std::string& text)
      : runtime_error(text.empty() ? error_name : text), name(std::move(error_name)) {}
  std::string name;
};
inline constexpr const char* no_reply = "org.freedesktop.DBus.Error.NoReply";

/// News from bluetoothd, in the order it sent them. Called while the library works: they note, and resume nobody.
class BusListener {
 public:
  virtual ~BusListener() = default;
  /// Everything there is, after Bus::list.
  virtual void on_all(Objects objects) = 0;
  virtual void on_added(const std::string& path, Interfaces interfaces) = 0;
  virtual void on_removed(const std::string& path, const std::vector<std::string>& interfaces) = 0;
  virtual void on_changed(const std::string& path, const std::string& interface, Properties now,
                          const std::vector<std::string>& gone) = 0;
  /// bluetoothd came or went.
  virtual void on_daemon(bool there) = 0;
  /// The bus itself is gone: this Bus is of no more use.
  virtual void on_closed() = 0;
};

struct ObjectPath {
  std::string path;
};
using Argument = std::variant<std::string, ObjectPath, Value, Properties>;

struct Call {
  std::string path, interface, method;
  std::vector<Argument> arguments = {};
};

/// What AcquireNotify gives: a socket, one packet a notification. Owned by who gets it.
struct NotifySocket {
  int fd = -1;
  std::size_t mtu = 0;
};

/// What a pairing asks for; empty refuses.
using PinOf = std::function<std::string(const std::string& device_path)>;
/// May it pair without a PIN?
using IsOurs = std::function<bool(const std::string& device_path)>;

class Bus {
 public:
  /// `address`: of a bus of one's own; empty: the system's. Throws BusError.
  Bus(boost::asio::any_io_executor executor, const std::string& address, BusListener& listener);
  ~Bus();
  Bus(const Bus&) = delete;

  // Each throws BusError; `no_reply` when nothing came within `limit`.
  Task<void> list(Duration limit);                                              ///< all objects, to the listener
  Task<void> refresh(std::string path, std::string interface, Duration limit);  ///< its properties, to the listener
  Task<void> call(Call call, Duration limit);
  Task<NotifySocket> acquire_notify(std::string characteristic, Duration limit);
  /// Sent, and no answer wanted.
  void tell(const Call& call);

  /// Who answers when a device wants to be paired. Known to bluetoothd after a RegisterAgent with `agent_path`.
  void serve_agent(PinOf pin_of, IsOurs is_ours);
  static constexpr const char* agent_path = "/cellwarden/agent";

 private:
  struct Inside;
  std::shared_ptr<Inside> inside_;
};

}  // namespace cellwarden::ble
