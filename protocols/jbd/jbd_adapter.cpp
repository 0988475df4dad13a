#include "protocols/jbd/jbd_adapter.h"

namespace cellwarden::jbd {

using namespace std::chrono_literals;

namespace {

constexpr Duration answer_limit = 600ms, wake_pause = 1s, limits_period = 10min;
/// A sleeping board loses the first request and wakes by it (jbd.md 7).
constexpr int wake_tries = 5, poll_tries = 2;
/// 0..39 are the classic registers 0x10..0x37: every limit.
constexpr std::uint16_t first_parameter = 0;
constexpr std::uint8_t parameter_count = 40;

}  // namespace

Task<void> JbdAdapter::run(Link& link, Sink& sink) {
  co_await wake(link, sink);
  co_await identify(link, sink);
  co_await read_limits(link, sink);
  co_await poll_every(link, poll_, [&]() { return read_once(link, sink); });
}

Task<void> JbdAdapter::wake(Link& link, Sink& sink) {
  for (int tries = 1;; ++tries) {
    try {
      co_await ask(link, sink, read_request(Register::basic_info), 1);
      co_return;
    } catch (const LinkTimeout&) {
      if (tries == wake_tries) throw;
    }
    co_await link.sleep_until(link.now() + wake_pause);
  }
}

Task<void> JbdAdapter::identify(Link& link, Sink& sink) {
  try {
    co_await ask(link, sink, read_request(Register::model), poll_tries);
  } catch (const LinkTimeout&) {
    // A board without a model text stays nameless.
  }
}

/// Older boards lack the FA read and refuse it or stay silent: their limits are unknown.
Task<void> JbdAdapter::read_limits(Link& link, Sink& sink) {
  limits_read_ = link.now();
  try {
    co_await ask(link, sink, parameters_request(first_parameter, parameter_count), poll_tries);
  } catch (const LinkTimeout&) {
  }
}

Task<void> JbdAdapter::read_once(Link& link, Sink& sink) {
  const Answer info = co_await ask(link, sink, read_request(Register::basic_info), poll_tries);
  const Answer cells = co_await ask(link, sink, read_request(Register::cell_voltages), poll_tries);
  if (info == Answer::refused || cells == Answer::refused)
    throw DeviceRefused("the BMS refuses to be read; does it want a password?");
  if (link.now() - limits_read_ >= limits_period) co_await read_limits(link, sink);
}

Task<JbdAdapter::Answer> JbdAdapter::ask(Link& link, Sink& sink, Buffer request, int tries) {
  for (;;) {
    decoder_.feed(Direction::to_bms, request, sink);
    try {
      co_await link.exchange(request, answer_limit, [&](Bytes chunk) {
        decoder_.feed(Direction::from_bms, chunk, sink);
        return decoder_.answer() != Answer::none_yet;
      });
      co_return decoder_.answer();
    } catch (const LinkTimeout&) {
      if (--tries == 0) throw;
    }
  }
}

}  // namespace cellwarden::jbd
