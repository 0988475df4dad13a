#pragma once
// An sdbus-c++ connection on Asio's one thread. Private to the ble files: with ble_bus.cpp the only place that knows
// sdbus-c++. How its 1.2 behaves, and what follows:
//   - no descriptor wakes a foreign loop when a call was sent: kick() after each;
//   - a reply's callback runs inside processPendingRequest(): no coroutine is resumed there, completions are posted;
//   - what a handler throws would escape out of io_context::run(): handlers catch.
#include <sdbus-c++/sdbus-c++.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>

namespace cellwarden::ble {

class Pump : public std::enable_shared_from_this<Pump> {
 public:
  Pump(boost::asio::any_io_executor executor, std::unique_ptr<sdbus::IConnection> connection);

  /// `on_closed`: the connection is dead (posted).
  void start(std::function<void()> on_closed);
  void stop();
  /// After every outgoing call.
  void kick();

  bool is_open() const { return !stopped_; }
  sdbus::IConnection& connection() { return *connection_; }
  const boost::asio::any_io_executor& executor() const { return executor_; }

 private:
  void drain();
  void arm();
  void wait(boost::asio::posix::stream_descriptor::wait_type what, bool& waiting);

  boost::asio::any_io_executor executor_;
  std::unique_ptr<sdbus::IConnection> connection_;
  boost::asio::posix::stream_descriptor fd_;  ///< a duplicate: Asio closes it
  boost::asio::steady_timer timer_;
  std::function<void()> on_closed_;
  bool stopped_ = true, kicked_ = false, reading_ = false, writing_ = false;
};

}  // namespace cellwarden::ble
