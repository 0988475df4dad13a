#pragma once
// What a device sends unasked: one packet a notification, from AcquireNotify's socket or from PropertiesChanged. Kept
// until read; bounded, and what did not fit is counted.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "protocols/link.h"

namespace cellwarden::ble {

class Notifications {
 public:
  explicit Notifications(boost::asio::any_io_executor executor) : executor_(executor), arrived_(executor) {}
  ~Notifications() { clear(); }
  Notifications(const Notifications&) = delete;

  /// Reads `fd`, which is owned from now on; `ended` when its other side is closed.
  void read_from(int fd, std::function<void()> ended);
  void take(Buffer notification);

  bool empty() const { return kept_.empty(); }
  Buffer next();
  /// What is kept, and what waits in the socket.
  void drop_unread();
  std::uint64_t dropped() const { return dropped_; }

  /// Waits for one, for wake(), or until `deadline`.
  Task<void> wait(SteadyTime deadline);
  void wake() { arrived_.cancel(); }

  /// Closes the socket and drops what is kept.
  void clear();

 private:
  struct Socket;
  static constexpr std::size_t most_kept = 256;

  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer arrived_;
  std::deque<Buffer> kept_;
  std::uint64_t dropped_ = 0;
  std::shared_ptr<Socket> socket_;
};

}  // namespace cellwarden::ble
