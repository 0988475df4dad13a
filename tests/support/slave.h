#pragma once
// Plays what is at the far end of a pty: answers each request as the script says, on the io thread itself. So a test in
// which an answer comes shows that nothing blocked that thread.
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <utility>

#include "protocols/link.h"
#include "tests/support/pty.h"

namespace cellwarden {

class Slave {
 public:
  /// What is said to a request, a write to the wire each.
  using Script = std::function<std::vector<Buffer>(const Buffer& request)>;
  Slave(Pty& wire, Script script) : wire_(wire), script_(std::move(script)) {}

  std::vector<Buffer> requests;

  /// For as long as the test runs.
  Task<void> answer() {
    using namespace std::chrono_literals;
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    for (;;) {
      const Buffer request = wire_.heard();
      if (!request.empty()) {
        requests.push_back(request);
        const std::vector<Buffer> chunks = script_(request);
        for (const Buffer& chunk : chunks) {
          wire_.say(chunk);
          timer.expires_after(1ms);
          co_await timer.async_wait(boost::asio::use_awaitable);
        }
      }
      timer.expires_after(1ms);
      co_await timer.async_wait(boost::asio::use_awaitable);
    }
  }

 private:
  Pty& wire_;
  Script script_;
};

}  // namespace cellwarden
