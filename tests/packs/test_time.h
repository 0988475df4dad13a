#pragma once
// A link that is nothing but a clock: it stands still until the test lets time pass, and then goes exactly to each
// moment somebody waits for.
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <list>
#include <utility>

#include "protocols/link.h"

namespace cellwarden::test {

class TestTime : public Link {
 public:
  explicit TestTime(boost::asio::io_context& io) : io_(io) {}
  Task<void> exchange(Buffer, Duration, Listener) override { throw LinkLost("no wire here"); }
  Task<void> listen(Duration, Listener) override { throw LinkLost("no wire here"); }
  SteadyTime now() const override { return now_; }

  Task<void> sleep_until(SteadyTime when) override {
    if (when <= now_) co_return;
    sleepers_.emplace_back(when, boost::asio::steady_timer(io_, SteadyTime::max()));
    const auto me = std::prev(sleepers_.end());
    boost::system::error_code woken;
    co_await me->second.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
    sleepers_.erase(me);
  }

  void pass(Duration time) {
    for (const SteadyTime end = now_ + time; now_ < end;) {
      now_ = end;
      for (const auto& sleeper : sleepers_) now_ = std::min(now_, sleeper.first);
      wake([this](SteadyTime when) { return when <= now_; });
    }
  }

 protected:
  /// Lets those whose moment `due` holds go on.
  template <class Due>
  void wake(Due due) {
    for (auto& [when, timer] : sleepers_) {
      if (due(when)) timer.cancel();
    }
    io_.restart();
    io_.poll();
  }

 private:
  boost::asio::io_context& io_;
  SteadyTime now_{std::chrono::hours(1)};
  std::list<std::pair<SteadyTime, boost::asio::steady_timer>> sleepers_;
};

}  // namespace cellwarden::test
