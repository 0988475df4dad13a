#include "daemon/commands/scan.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include <ostream>

#include "daemon/commands/scan_bluetooth.h"
#include "daemon/links/serial_port.h"
#include "daemon/links/serial_ports.h"

namespace cellwarden {

namespace {

constexpr std::chrono::seconds looking(10);

/// Empty when it opens.
std::string why_not(const std::string& path) {
  try {
    ::close(open_serial({path, 9600, false, true}));
    return "";
  } catch (const LinkLost& lost) {
    return lost.what();
  }
}

/// The names of devices around are anybody's: only what a terminal shows as it is.
std::string printable(std::string text) {
  std::erase_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  return text;
}

void show(const BluetoothSight& sight, std::ostream& out) {
  int number = 0;
  for (const auto& device : sight.devices) {
    out << "ble:" << device.seen.address << "  \"" << printable(device.seen.name) << '"';
    if (device.seen.rssi_dbm) out << "  " << *device.seen.rssi_dbm << " dBm";
    out << (device.protocols.empty() ? "" : "  looks like a BMS:") << '\n';
    if (!device.protocols.empty()) out << '\n' << pack_lines(device, ++number) << '\n';
  }
}

nlohmann::json as_json(const BluetoothSight::Device& device) {
  auto protocols = nlohmann::json::array();
  for (const Protocol* protocol : device.protocols) protocols.push_back(std::string(protocol->id));
  return {{"link", "ble:" + device.seen.address},
          {"name", device.seen.name},
          {"adapter", device.adapter},
          {"rssi_dbm", device.seen.rssi_dbm ? nlohmann::json(*device.seen.rssi_dbm) : nlohmann::json()},
          {"protocols", protocols}};
}

}  // namespace

int scan(bool json, std::ostream& out, std::ostream& err) {
  const auto ports = serial_ports();
  if (!json) err << "listening for Bluetooth devices, " << looking.count() << " s ..." << std::endl;
  const BluetoothSight sight = look_around(looking);
  if (json) {
    auto list = nlohmann::json::array();
    for (const auto& [path, device] : ports) {
      const std::string why = why_not(path);
      list.push_back({{"link", "serial:" + path}, {"device", device}, {"usable", why.empty()}, {"why", why}});
    }
    for (const auto& device : sight.devices) list.push_back(as_json(device));
    out << list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    for (const auto& [path, device] : ports) {
      out << "serial:" << path << (path == device ? "" : "  (now " + device + ")") << '\n';
      if (const std::string why = why_not(path); !why.empty()) out << "    cannot be used now: " << why << '\n';
    }
    show(sight, out);
  }
  if (!sight.why_not.empty()) err << "Bluetooth: " << sight.why_not << '\n';
  if (ports.empty()) {
    err << "no serial port is here; plug in the USB adapter, or switch the board's UART on (raspi-config, Interface, "
           "Serial Port: no login shell, hardware on)\n";
    return sight.devices.empty() ? 1 : 0;
  }
  if (!json) err << "which BMS is behind one of them: cellwarden probe LINK\n";
  return 0;
}

}  // namespace cellwarden
