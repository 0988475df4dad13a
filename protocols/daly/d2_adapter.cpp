#include "protocols/daly/d2_adapter.h"

namespace cellwarden::daly {

using namespace std::chrono_literals;

namespace {

// daly.md 2.1: at 9600 baud the longest answer takes 134 ms; then the line is left alone for a while.
constexpr Duration answer_limit = 1s, quiet_gap = 300ms;
constexpr int tries_of_a_poll = 3, tries_of_a_setting = 2;
/// Many boards never answer for the registers behind the live ones.
constexpr int most_board_misses = 3;
constexpr Duration settings_period = 10min;

}  // namespace

Task<void> D2Adapter::run(Link& link, Sink& sink) {
  decoder_ = {};
  has_board_block_ = false;
  board_misses_ = 0;
  co_await ask_live(link, sink, tries_of_a_poll);
  decoder_.forget();  // only to see whether it is awake: the first reading comes when it has introduced itself
  co_await ask(link, sink, identity_block, tries_of_a_setting);
  co_await read_settings(link, sink);
  co_await poll_every(link, poll_, [&]() { return read_once(link, sink); });
}

/// A board without settings or a name is read all the same.
Task<void> D2Adapter::read_settings(Link& link, Sink& sink) {
  settings_read_ = link.now();
  co_await ask(link, sink, settings_block, tries_of_a_setting);
}

Task<void> D2Adapter::read_once(Link& link, Sink& sink) {
  co_await ask_live(link, sink, tries_of_a_poll);
  if (has_board_block_ || board_misses_ < most_board_misses) co_await ask_board(link, sink);
  decoder_.settle(sink);
  if (link.now() - settings_read_ >= settings_period) co_await read_settings(link, sink);
}

Task<void> D2Adapter::ask_live(Link& link, Sink& sink, int tries) {
  const Answer answer = co_await ask(link, sink, live_block, tries);
  switch (answer) {
    case Answer::none_yet:
    case Answer::blank:
      throw LinkTimeout("the live registers stay without a useful answer");
    case Answer::asleep:
      throw LinkLost("the BMS is asleep and answers zeros; wake it by its button, a charger or a load");
    case Answer::refused:
      throw DeviceRefused("the BMS refuses to be read; does it speak another of Daly's protocols?");
    case Answer::over:
      break;
  }
}

Task<void> D2Adapter::ask_board(Link& link, Sink& sink) {
  const Answer answer = co_await ask(link, sink, board_block, has_board_block_ ? tries_of_a_poll : 1);
  if (answer == Answer::over) has_board_block_ = true;
  if (answer == Answer::none_yet) ++board_misses_;
  if (answer == Answer::blank || answer == Answer::refused) {
    has_board_block_ = false;
    board_misses_ = most_board_misses;
  }
}

Task<D2Adapter::Answer> D2Adapter::ask(Link& link, Sink& sink, Block block, int tries) {
  const RegisterRead registers{d2_slave, block.start, block.count};
  for (; tries > 0; --tries) {
    if (!over_ble_) co_await link.sleep_until(quiet_until_);
    decoder_.feed(Direction::to_bms, read_request(block), sink);
    const auto hear = [&](Bytes chunk) {
      decoder_.feed(Direction::from_bms, chunk, sink);
      return decoder_.answer() != Answer::none_yet;
    };
    try {
      co_await link.read_registers(registers, answer_limit, hear);
    } catch (const AnswerRejected& rejected) {
      sink.emit({0, Rejected{rejected.why}});
    } catch (const LinkTimeout&) {
    }
    quiet_until_ = link.now() + quiet_gap;
    if (decoder_.answer() != Answer::none_yet) break;
  }
  co_return decoder_.answer();
}

}  // namespace cellwarden::daly
