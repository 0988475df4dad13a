#pragma once
// A UART or RS485 port, 8N1, raw, for this program alone. One function opens it and says in the owner's words why it
// cannot; Asio gets the descriptor.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <string>

#include "daemon/links/port.h"

namespace cellwarden {

struct SerialSettings {
  std::string path;  ///< /dev/serial/by-id/... keeps its meaning over replugging
  unsigned baud = 9600;
  bool rs485 = false;      ///< ask the kernel's driver to switch the direction (TIOCSRS485)
  bool read_only = false;  ///< only listening: the port is never opened for writing
};

/// Throws LinkLost: no such port (names those there are), in use (by whom), no rights (names the group), not a serial
/// port, a speed or RS485 mode the driver lacks.
int open_serial(const SerialSettings& settings);

class SerialPort : public Port {
 public:
  SerialPort(boost::asio::any_io_executor executor, SerialSettings settings)
      : settings_(std::move(settings)), descriptor_(executor) {}
  ~SerialPort() override { SerialPort::close(); }

  bool is_open() const override { return descriptor_.is_open(); }
  Task<void> open() override;
  void close() override;
  Task<void> write(Bytes bytes) override;
  Task<Buffer> read(SteadyTime deadline) override;
  void drop_unread() override;
  Registers registers() const override { return Registers::modbus; }
  Duration wire_time(std::size_t bytes) const override;
  std::string name() const override { return "serial:" + settings_.path; }

 private:
  [[noreturn]] void lost(const std::string& what);

  SerialSettings settings_;
  boost::asio::posix::stream_descriptor descriptor_;
};

}  // namespace cellwarden
