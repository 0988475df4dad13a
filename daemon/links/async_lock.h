#pragma once
// One at a time, in the order of asking, for coroutines on one thread.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/experimental/channel.hpp>

#include <utility>

#include "protocols/link.h"

namespace cellwarden {

class AsyncLock {
 public:
  explicit AsyncLock(boost::asio::any_io_executor executor) : free_(executor, 1) { give_back(); }

  class Held {
   public:
    explicit Held(AsyncLock& lock) : lock_(&lock) {}
    Held(Held&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)) {}
    Held& operator=(Held&&) = delete;
    ~Held() {
      if (lock_) lock_->give_back();
    }

   private:
    AsyncLock* lock_;
  };

  Task<Held> hold();

 private:
  void give_back() { free_.try_send(boost::system::error_code()); }
  boost::asio::experimental::channel<void(boost::system::error_code)> free_;
};

}  // namespace cellwarden
