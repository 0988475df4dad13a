#include "protocols/jbd/jbd_adapter.h"

namespace cellwarden::jbd {

using namespace std::chrono_literals;

namespace {

constexpr Duration answer_limit = 600ms, answer_limit_on_air = 1s, wake_pause = 1s, limits_period = 10min;
/// A sleeping board loses the first request and wakes by it (jbd.md 7).
constexpr int wake_tries = 5, poll_tries = 2;
/// 0..39 are the classic registers 0x10..0x37: every limit.
constexpr std::uint16_t first_parameter = 0;
constexpr std::uint8_t parameter_count = 40;

}  // namespace

Task<void> JbdAdapter::run(Link& link, Sink& sink) {
  if (over_ble_) {
    if (!co_await wakes(link, sink, wants_login_ ? 1 : wake_tries)) co_await log_in(link, sink);
  } else {
    co_await wake(link, sink, wake_tries);
  }
  co_await identify(link, sink);
  co_await read_limits(link, sink);
  co_await poll_every(link, poll_, [&]() { return read_once(link, sink); });
}

Task<void> JbdAdapter::wake(Link& link, Sink& sink, int most_tries) {
  for (int tries = 1;; ++tries) {
    try {
      co_await ask(link, sink, read_request(Register::basic_info), 1);
      co_return;
    } catch (const LinkTimeout&) {
      if (tries == most_tries) throw;
    }
    co_await link.sleep_until(link.now() + wake_pause);
  }
}

Task<bool> JbdAdapter::wakes(Link& link, Sink& sink, int most_tries) {
  try {
    co_await wake(link, sink, most_tries);
    co_return true;
  } catch (const LinkTimeout&) {
  }
  co_return false;
}

Task<void> JbdAdapter::log_in(Link& link, Sink& sink) {
  if (password_.empty()) {
    throw LinkTimeout("no answer over Bluetooth; a module that wants a password first needs it as ble_password");
  }
  if (password_.size() != login::password_length || !mac_) {
    throw DeviceRefused("a JBD module's password has six characters; mend ble_password");
  }
  const auto key = co_await ask_module(link, sink, login::app_key_request());
  if (!key) throw LinkTimeout("neither the board nor its Bluetooth module answers");
  wants_login_ = true;
  // With the key alone many are open already.
  if (*key != login::wrong && co_await wakes(link, sink, *key == login::ok ? 1 : wake_tries)) co_return;

  const auto random = co_await ask_module(link, sink, login::random_request());
  if (!random) throw LinkTimeout("the Bluetooth module stays silent in the middle of its login");
  const auto verdict = co_await ask_module(link, sink, login::password_request(*mac_, password_, *random));
  if (!verdict) throw LinkTimeout("the Bluetooth module stays silent in the middle of its login");
  if (*verdict != login::ok) throw DeviceRefused("the Bluetooth module refuses the password; is ble_password right?");
  co_await wake(link, sink, wake_tries);
}

/// Once: a random byte is good for one password, and a connection that lost one begins anew.
Task<std::optional<std::uint8_t>> JbdAdapter::ask_module(Link& link, Sink& sink, Buffer request) {
  decoder_.feed(Direction::to_bms, request, sink);
  try {
    co_await link.exchange(request, answer_limit_on_air, [&](Bytes chunk) {
      decoder_.feed(Direction::from_bms, chunk, sink);
      return decoder_.module_answer().has_value();
    });
  } catch (const LinkTimeout&) {
  }
  co_return decoder_.module_answer();
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
      co_await link.exchange(request, over_ble_ ? answer_limit_on_air : answer_limit, [&](Bytes chunk) {
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
