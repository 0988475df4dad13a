#include "protocols/daly/d2_adapter.h"

namespace cellwarden::daly {

namespace {

/// Many boards never answer for the registers behind the live ones.
constexpr int most_board_misses = 3;

}  // namespace

Task<void> D2Adapter::run(Link& link, Sink& sink) {
  decoder_ = {};
  has_board_block_ = false;
  board_misses_ = 0;
  co_await ask_live(link, sink, live_block);
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
  co_await ask_live(link, sink, live_block);
  if (has_board_block_ || board_misses_ < most_board_misses) co_await ask_board(link, sink);
  decoder_.settle(sink);
  if (link.now() - settings_read_ >= settings_period) co_await read_settings(link, sink);
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

}  // namespace cellwarden::daly
