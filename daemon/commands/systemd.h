#pragma once
// What systemd is told: ready, reloading, stopping, and that the one thread still turns. Without systemd all of it does
// nothing.
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <string>

namespace cellwarden {

class Systemd {
 public:
  explicit Systemd(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  /// Everything runs; from now on the watchdog is fed from the io thread, so that a thread that hangs is noticed.
  void ready();
  void reloading();
  void stopping();
  /// One line for `systemctl status`.
  void status(const std::string& text);

 private:
  void feed(std::chrono::microseconds every);

  boost::asio::steady_timer timer_;
};

}  // namespace cellwarden
