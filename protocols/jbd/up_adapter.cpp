#include "protocols/jbd/up_adapter.h"

namespace cellwarden::jbd {

using namespace std::chrono_literals;

namespace {

/// jbd.md 5: it takes 0.3 to 0.6 s.
constexpr Duration answer_limit = 1500ms, settings_period = 10min;
/// A sleeping board loses the first request and wakes by it (jbd.md 7).
constexpr int wake_tries = 3, tries = 2;
constexpr int master = 1;

}  // namespace

Task<void> UpAdapter::run(Link& link, Sink& sink) {
  decoder_ = {};
  has_thresholds_ = true;
  has_own_status_ = unit_ == master;
  decoder_.hold(true);  // the first reading comes when it has introduced itself
  co_await ask_status(link, sink, wake_tries);
  decoder_.hold(false);
  co_await identify(link, sink);
  co_await read_settings(link, sink);
  co_await poll_every(link, poll_, [&]() { return read_once(link, sink); });
}

/// Slaves often stay silent here, and whoever does not say who it is does not name its product either.
Task<void> UpAdapter::identify(Link& link, Sink& sink) {
  const Answer identity = co_await ask(link, sink, up::identity_block, tries);
  if (identity == Answer::over) co_await ask(link, sink, up::product_block, tries);
  decoder_.introduce(sink);
}

/// What never came is not asked for again while the link lives.
Task<void> UpAdapter::read_settings(Link& link, Sink& sink) {
  settings_read_ = link.now();
  if (has_thresholds_) {
    const Answer thresholds = co_await ask(link, sink, up::thresholds_block, tries);
    has_thresholds_ = thresholds != Answer::none_yet;
  }
  if (has_own_status_) {
    const Answer own = co_await ask(link, sink, up::own_status_block, tries);
    has_own_status_ = own == Answer::over || decoder_.is_sum();
  }
}

Task<void> UpAdapter::read_once(Link& link, Sink& sink) {
  co_await ask_status(link, sink, tries);
  if (decoder_.is_sum()) {
    const Answer own = co_await ask(link, sink, up::own_status_block, tries);
    if (own != Answer::over) throw LinkTimeout("unit 1 tells all packs' sums, and nothing of itself");
  }
  decoder_.settle(sink);
  if (link.now() - settings_read_ >= settings_period) co_await read_settings(link, sink);
}

Task<void> UpAdapter::ask_status(Link& link, Sink& sink, int most_tries) {
  const Answer answer = co_await ask(link, sink, up::status_block, most_tries);
  if (answer == Answer::asleep) {
    throw LinkLost("the BMS is asleep and answers zeros; wake it by its button, a charger or a load");
  }
  if (answer != Answer::over) throw LinkTimeout("the status stays without a useful answer");
}

Task<UpAdapter::Answer> UpAdapter::ask(Link& link, Sink& sink, up::Block block, int most_tries) {
  const Buffer request = up::read_request(unit_, block);
  for (; most_tries > 0; --most_tries) {
    decoder_.feed(Direction::to_bms, request, sink);
    const auto hear = [&](Bytes chunk) {
      decoder_.feed(Direction::from_bms, chunk, sink);
      return decoder_.answer() != Answer::none_yet;
    };
    try {
      co_await link.exchange(request, answer_limit, hear);
    } catch (const LinkTimeout&) {
    }
    if (decoder_.answer() != Answer::none_yet) break;
  }
  co_return decoder_.answer();
}

}  // namespace cellwarden::jbd
