#pragma once
// Calls back every ten seconds while it stands, with the monotonic time.
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>

namespace cellwarden {

class Ticker {
 public:
  Ticker(const boost::asio::any_io_executor& executor, std::function<void(double steady_s)> tick)
      : timer_(executor), tick_(std::move(tick)) {
    wait();
  }
  Ticker(const Ticker&) = delete;

 private:
  void wait() {
    timer_.expires_after(std::chrono::seconds(10));
    timer_.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled) return;
      tick_(std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count());
      wait();
    });
  }

  boost::asio::steady_timer timer_;
  std::function<void(double)> tick_;
};

}  // namespace cellwarden
