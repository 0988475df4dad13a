#include "protocols/jk/modbus_adapter.h"

#include <algorithm>

namespace cellwarden::jk {

using namespace std::chrono_literals;

namespace {

/// A pack answers within 40 ms; at 9600 baud the longest answer takes 320 ms (jk.md 3.1, 3.5).
constexpr Duration answer_limit = 500ms;
/// Requests that follow each other faster are answered by the wrong pack, whichever they were for (jk.md 3.5).
constexpr Duration quiet_gap = 100ms;
constexpr int tries_of_a_poll = 3, tries_of_a_setting = 2;
/// Not every pack has them.
constexpr int most_more_temps_misses = 3;
constexpr Duration settings_period = 10min;

}  // namespace

Task<void> ModbusAdapter::run(Link& link, Sink& sink) {
  if (address_ < 0 || address_ > highest_address) {
    throw DeviceRefused("a JK pack's address is 1 to 15, not " + std::to_string(address_) +
                        "; it is set with the pack's DIP switches");
  }
  unit_ = static_cast<std::uint8_t>(std::max(address_, 1));
  decoder_ = {};
  has_more_temps_ = false;
  more_temps_misses_ = 0;
  co_await find_pack(link, sink);
  co_await introduce(link, sink);
  co_await read_settings(link, sink);
  co_await poll_every(link, poll_, [&]() { return read_once(link, sink); });
}

/// Triggers bring who it is with the first answer.
Task<void> ModbusAdapter::find_pack(Link& link, Sink& sink) {
  if (triggers_) co_return;
  co_await ask_live(link, sink);
  decoder_.forget();  // only to see whether it is awake: the first reading comes when it has introduced itself
}

/// A pack without a name or settings is read all the same.
Task<void> ModbusAdapter::introduce(Link& link, Sink& sink) {
  if (triggers_) {
    co_await pull(link, sink, Trigger::device, tries_of_a_setting);
    co_return;
  }
  co_await ask(link, sink, names_block, tries_of_a_setting);
  co_await ask(link, sink, serial_block, tries_of_a_setting);
}

Task<void> ModbusAdapter::read_settings(Link& link, Sink& sink) {
  settings_read_ = link.now();
  if (triggers_) {
    co_await pull(link, sink, Trigger::settings, tries_of_a_setting);
  } else {
    co_await ask(link, sink, settings_block, tries_of_a_setting);
  }
}

Task<void> ModbusAdapter::read_once(Link& link, Sink& sink) {
  co_await ask_live(link, sink);
  if (!triggers_ && (has_more_temps_ || more_temps_misses_ < most_more_temps_misses)) {
    co_await ask_more_temps(link, sink);
  }
  decoder_.settle(sink);
  if (link.now() - settings_read_ >= settings_period) co_await read_settings(link, sink);
}

Task<void> ModbusAdapter::ask_live(Link& link, Sink& sink) {
  Answer answer = Answer::none_yet;
  if (!triggers_) {
    answer = co_await ask(link, sink, live_block, tries_of_a_poll);
  } else {
    answer = co_await pull(link, sink, Trigger::cells, 1);
    for (int tries = 1; tries < tries_of_a_poll && answer == Answer::none_yet; ++tries) {
      // Software 15.36 and later may answer this only shortly after another request (jk.md 3.6).
      co_await pull(link, sink, Trigger::settings, 1);
      answer = co_await pull(link, sink, Trigger::cells, 1);
    }
  }
  if (answer == Answer::refused) throw DeviceRefused("the BMS refuses to be read; is it a JK of the PB series?");
  if (answer != Answer::over) throw LinkTimeout("the live registers stay without a useful answer");
}

Task<void> ModbusAdapter::ask_more_temps(Link& link, Sink& sink) {
  const int tries = has_more_temps_ ? tries_of_a_poll : tries_of_a_setting;
  const Answer answer = co_await ask(link, sink, more_temps_block, tries);
  if (answer == Answer::over) has_more_temps_ = true;
  if (answer == Answer::refused) has_more_temps_ = false, more_temps_misses_ = most_more_temps_misses;
  if (answer != Answer::none_yet) co_return;
  if (has_more_temps_) throw LinkTimeout("the second half of the live registers stays without answer");
  ++more_temps_misses_;
}

Task<ModbusAdapter::Answer> ModbusAdapter::ask(Link& link, Sink& sink, Block block, int tries) {
  const RegisterRead registers{unit_, block.start, block.count};
  for (; tries > 0; --tries) {
    decoder_.feed(Direction::to_bms, modbus::read_request(unit_, block.start, block.count), sink);
    const auto hear = [&](Bytes chunk) {
      decoder_.feed(Direction::from_bms, chunk, sink);
      return decoder_.answer() != Answer::none_yet;
    };
    try {
      co_await link.read_registers(registers, answer_limit, hear);
    } catch (const AnswerRejected& rejected) {
      sink.emit({unit_, Rejected{rejected.why}});
    } catch (const LinkTimeout&) {
    }
    link.stay_quiet(quiet_gap);
    give_way();
    if (decoder_.answer() != Answer::none_yet) break;
  }
  co_return decoder_.answer();
}

Task<ModbusAdapter::Answer> ModbusAdapter::pull(Link& link, Sink& sink, Trigger what, int tries) {
  for (; tries > 0; --tries) {
    const Buffer request = trigger_request(unit_, what);
    decoder_.feed(Direction::to_bms, request, sink);
    const auto hear = [&](Bytes chunk) {
      decoder_.feed(Direction::from_bms, chunk, sink);
      return decoder_.answer() != Answer::none_yet;
    };
    try {
      co_await link.exchange(request, answer_limit, hear);
    } catch (const LinkTimeout&) {
    }
    link.stay_quiet(quiet_gap);
    give_way();
    if (decoder_.answer() != Answer::none_yet) break;
  }
  co_return decoder_.answer();
}

/// Two cannot ask on one line.
void ModbusAdapter::give_way() const {
  if (!decoder_.hears_master()) return;
  throw DeviceRefused(
      "a JK pack with address 0 asks the others on this line, and two cannot ask; set protocol = \"jk-listen\" for all "
      "packs here, or that pack's DIP switches to 1 to 15");
}

}  // namespace cellwarden::jk
