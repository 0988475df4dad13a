#pragma once
// Which serial ports there are, and the names that outlive replugging.
#include <string>
#include <vector>

namespace cellwarden {

struct SerialPortName {
  std::string path;    ///< the lasting one where there is one: /dev/serial/by-id/usb-FTDI_...
  std::string device;  ///< /dev/ttyUSB0
};

/// USB adapters first, then the board's own UARTs that have hardware behind them; each once.
std::vector<SerialPortName> serial_ports();

/// "/dev/ttyUSB0" -> "/dev/serial/by-id/..."; the path itself where it has no lasting name.
std::string lasting_name(const std::string& path);

}  // namespace cellwarden
