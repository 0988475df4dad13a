#pragma once
// The radio's time, handed in: tests have their own.
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace simulator::ble {

using Milliseconds = std::chrono::milliseconds;

class Timers {
 public:
  virtual ~Timers() = default;
  /// What is due at the same moment happens in the order it was asked for.
  virtual void after(Milliseconds wait, std::function<void()> what) = 0;
};

class RealTimers : public Timers {
 public:
  explicit RealTimers(boost::asio::io_context& io) : io_(io) {}
  void after(Milliseconds wait, std::function<void()> what) override {
    const auto timer = std::make_shared<boost::asio::steady_timer>(io_, wait);
    timer->async_wait([timer, what = std::move(what)](boost::system::error_code cancelled) {
      if (!cancelled) what();
    });
  }

 private:
  boost::asio::io_context& io_;
};

}  // namespace simulator::ble
