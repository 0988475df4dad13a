#include "daemon/commands/scan.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include <ostream>

#include "daemon/links/serial_port.h"
#include "daemon/links/serial_ports.h"

namespace cellwarden {

namespace {

/// Empty when it opens.
std::string why_not(const std::string& path) {
  try {
    ::close(open_serial({path, 9600, false, true}));
    return "";
  } catch (const LinkLost& lost) {
    return lost.what();
  }
}

}  // namespace

int scan(bool json, std::ostream& out, std::ostream& err) {
  const auto ports = serial_ports();
  if (json) {
    auto list = nlohmann::json::array();
    for (const auto& [path, device] : ports) {
      const std::string why = why_not(path);
      list.push_back({{"link", "serial:" + path}, {"device", device}, {"usable", why.empty()}, {"why", why}});
    }
    out << list.dump() << '\n';
  } else {
    for (const auto& [path, device] : ports) {
      out << "serial:" << path << (path == device ? "" : "  (now " + device + ")") << '\n';
      if (const std::string why = why_not(path); !why.empty()) out << "    cannot be used now: " << why << '\n';
    }
  }
  if (ports.empty()) {
    err << "no serial port is here; plug in the USB adapter, or switch the board's UART on (raspi-config, Interface, "
           "Serial Port: no login shell, hardware on)\n";
    return 1;
  }
  if (!json) err << "which BMS is behind one of them: cellwarden probe LINK\n";
  return 0;
}

}  // namespace cellwarden
