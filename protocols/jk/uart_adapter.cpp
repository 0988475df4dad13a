#include "protocols/jk/uart_adapter.h"

#include <algorithm>

namespace cellwarden::jk {

using namespace std::chrono_literals;

namespace {

/// A board wants a second between two requests, and starts to answer within 0.3 s (jk.md 2).
constexpr Duration shortest_poll = 1s, answer_limit = 800ms;
constexpr int poll_tries = 2;

}  // namespace

UartAdapter::UartAdapter(const AdapterOptions& options) : poll_(std::max<Duration>(options.poll, shortest_poll)) {}

Task<void> UartAdapter::run(Link& link, Sink& sink) {
  co_await poll_every(link, poll_, [&]() { return read_once(link, sink); });
}

Task<void> UartAdapter::read_once(Link& link, Sink& sink) {
  for (int tries = 1;; ++tries) {
    const Buffer request = uart_read_all();
    decoder_.feed(Direction::to_bms, request, sink);
    try {
      co_await link.exchange(request, answer_limit, [&](Bytes chunk) {
        decoder_.feed(Direction::from_bms, chunk, sink);
        return decoder_.answered();
      });
      co_return;
    } catch (const LinkTimeout&) {
      if (tries == poll_tries) throw;
    }
  }
}

}  // namespace cellwarden::jk
