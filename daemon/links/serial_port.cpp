#include "daemon/links/serial_port.h"

#include <sys/ioctl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "daemon/links/timed_read.h"

namespace cellwarden {

namespace asio = boost::asio;

Task<void> SerialPort::open() {
  descriptor_.assign(open_serial(settings_));
  co_return;
}

void SerialPort::close() {
  if (!descriptor_.is_open()) return;
  // Exclusive use would outlive us where another program still has the port open (a simulator's side of a pty).
  ioctl(descriptor_.native_handle(), TIOCNXCL);
  boost::system::error_code ignored;
  descriptor_.close(ignored);
}

void SerialPort::lost(const std::string& what) {
  close();
  throw LinkLost(settings_.path + " is gone (" + what + "); is the adapter still plugged in? Trying again");
}

Task<void> SerialPort::write(Bytes bytes) {
  auto [error, written] = co_await asio::async_write(descriptor_, asio::buffer(bytes.data(), bytes.size()),
                                                     asio::as_tuple(asio::use_awaitable));
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
  if (error) lost(error.message());
}

Task<Buffer> SerialPort::read(SteadyTime deadline) {
  boost::system::error_code gone;
  Buffer chunk = co_await read_by(descriptor_, deadline, gone);
  if (gone) lost(gone == asio::error::eof ? "it was unplugged" : gone.message());
  co_return chunk;
}

void SerialPort::drop_unread() {
  std::uint8_t ignored[512];
  boost::system::error_code error;
  while (descriptor_.is_open()) {
    descriptor_.non_blocking(true, error);
    if (error || descriptor_.read_some(asio::buffer(ignored), error) == 0 || error) break;
  }
}

Duration SerialPort::wire_time(std::size_t bytes) const {
  constexpr std::int64_t bits_per_byte = 10;  // 8N1: start and stop
  return std::chrono::microseconds(static_cast<std::int64_t>(bytes) * bits_per_byte * 1'000'000 / settings_.baud);
}

}  // namespace cellwarden
