#include "protocols/daly/a5_adapter.h"

#include <algorithm>

namespace cellwarden::daly {

using namespace std::chrono_literals;

namespace {

// daly.md 1.5
constexpr Duration answer_limit = 500ms, retry_gap = 200ms;
constexpr int tries_of_a_poll = 4;
/// Some boards lose sync when a request's payload is all zeros.
constexpr std::uint8_t other_fill = 0xAA;
constexpr Duration settings_period = 10min;
/// A poll that contradicts itself or jumps is asked again at once; a second one that says the same is believed.
constexpr int polls_for_a_reading = 3;

constexpr Command limits_commands[] = {Command::capacity, Command::cell_limits, Command::pack_limits,
                                       Command::current_limits, Command::balance_limits};
constexpr Command identity_commands[] = {Command::software, Command::hardware, Command::battery, Command::battery_code};
/// No reading without these.
constexpr Command vital_commands[] = {Command::counts, Command::pack, Command::cells};

bool is_in(Command command, std::span<const Command> list) { return std::ranges::find(list, command) != list.end(); }

}  // namespace

Task<void> A5Adapter::run(Link& link, Sink& sink) {
  if (address_ < 0 || address_ > most_boards) {
    throw DeviceRefused("a Daly board's number is 1 to 16, not " + std::to_string(address_) +
                        "; it is set with the Daly tool");
  }
  decoder_ = A5Decoder(true);
  answered_.clear();
  due_.clear();
  co_await find_board(link, sink);
  co_await read_settings(link, sink);
  co_await poll_every(link, poll_, [&]() { return read_once(link, sink); });
}

/// The only board of a line may listen to the Bluetooth app's address alone, or to ours alone (daly.md 1.4). Over
/// Bluetooth there is never more than one.
Task<void> A5Adapter::find_board(Link& link, Sink& sink) {
  std::vector<std::uint8_t> hosts = {static_cast<std::uint8_t>(first_host + std::max(address_, 1) - 1)};
  if (over_ble_ || address_ == 0) hosts.push_back(bluetooth_host);
  if (over_ble_) std::ranges::reverse(hosts);
  for (int tries = 0; tries < tries_of_a_poll; tries += static_cast<int>(hosts.size())) {
    for (const auto host : hosts) {
      host_ = host;
      const Heard heard = co_await ask(link, sink, Command::counts, 1);
      if (heard.answer) co_return;
    }
    fill_ ^= other_fill;
    co_await link.sleep_until(link.now() + retry_gap);
  }
  throw LinkTimeout("no board answers");
}

/// At the start all of them: an owner who reads once wants to see them. What stays silent is asked once more later.
Task<void> A5Adapter::read_settings(Link& link, Sink& sink) {
  std::vector<Command> all(std::begin(identity_commands), std::end(identity_commands));
  all.insert(all.end(), std::begin(limits_commands), std::end(limits_commands));
  for (const auto command : all) {
    const Heard heard = co_await ask(link, sink, command, 1);
    if (!heard.answer) due_.push_back(command);
  }
  if (!answered_.contains(Command::software)) co_await ask(link, sink, Command::firmware, 1);
  next_settings_ = link.now() + settings_period;
}

Task<void> A5Adapter::read_one_setting(Link& link, Sink& sink) {
  if (link.now() >= next_settings_) {
    next_settings_ = link.now() + settings_period;
    std::ranges::copy_if(limits_commands, std::back_inserter(due_), [&](Command c) { return answered_.contains(c); });
  }
  if (due_.empty()) co_return;
  const Command command = due_.front();
  due_.pop_front();
  co_await ask(link, sink, command, 1);
}

Task<void> A5Adapter::read_once(Link& link, Sink& sink) {
  for (int poll = 0; poll < polls_for_a_reading; ++poll) {
    co_await ask_live(link, sink, Command::counts);  // begins a new poll, whatever is left of another
    for (const auto command : poll_commands) {
      if (decoder_.wants(command)) co_await ask_live(link, sink, command);
    }
    if (decoder_.has_told()) break;
  }
  co_await read_one_setting(link, sink);
}

Task<void> A5Adapter::ask_live(Link& link, Sink& sink, Command command) {
  const Heard heard = co_await ask(link, sink, command, tries_of_a_poll);
  if (heard.answer) co_return;
  // Older boards lack some commands: silence from the first time on, while the others are answered.
  if (heard.anything || answered_.contains(command) || is_in(command, vital_commands)) {
    throw LinkTimeout("a command stays without answer");
  }
  decoder_.leave_out(command);
}

Task<A5Adapter::Heard> A5Adapter::ask(Link& link, Sink& sink, Command command, int tries) {
  bool zeros_before = false;
  Heard heard;
  for (int left = tries; left > 0;) {
    const Heard now = co_await ask_once(link, sink, command);
    heard.anything |= now.anything;
    if (now.answer) {
      heard.answer = true;
      answered_.insert(command);
      co_return heard;
    }
    if (decoder_.answer() == A5Decoder::Answer::asleep) {
      // Once could be the wire.
      if (zeros_before) {
        throw LinkLost("the BMS is asleep and answers zeros; wake it by its button, a charger or a load");
      }
      zeros_before = true;
      continue;
    }
    --left;
    if (left == 0 || decoder_.answer() == A5Decoder::Answer::torn) continue;
    if (!now.anything) fill_ ^= other_fill;
    co_await link.sleep_until(link.now() + retry_gap);
  }
  co_return heard;
}

Task<A5Adapter::Heard> A5Adapter::ask_once(Link& link, Sink& sink, Command command) {
  Heard heard;
  const Buffer request = read_request(host_, command, fill_);
  decoder_.feed(Direction::to_bms, request, sink);
  try {
    co_await link.exchange(request, answer_limit, [&](Bytes chunk) {
      heard.anything = true;
      decoder_.feed(Direction::from_bms, chunk, sink);
      return decoder_.answer() != A5Decoder::Answer::none_yet;
    });
  } catch (const LinkTimeout&) {
    // What came may be enough all the same.
  }
  heard.answer = decoder_.settle(sink);
  co_return heard;
}

}  // namespace cellwarden::daly
