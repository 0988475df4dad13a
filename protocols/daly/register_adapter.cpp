#include "protocols/daly/register_adapter.h"

namespace cellwarden::daly {

using namespace std::chrono_literals;

namespace {

// daly.md 2.1: at 9600 baud the longest answer takes 134 ms; then the line is left alone for a while.
constexpr Duration answer_limit = 1s, quiet_gap = 300ms;

}  // namespace

Task<RegisterAdapter::Answer> RegisterAdapter::ask(Link& link, Sink& sink, Block block, int tries) {
  const RegisterRead registers{unit_, block.start, block.count, answers_as_};
  for (; tries > 0; --tries) {
    if (!over_ble_) co_await link.sleep_until(quiet_until_);
    decoder().feed(Direction::to_bms, modbus::read_request(unit_, block.start, block.count), sink);
    const auto hear = [&](Bytes chunk) {
      decoder().feed(Direction::from_bms, chunk, sink);
      return decoder().answer() != Answer::none_yet;
    };
    try {
      co_await link.read_registers(registers, answer_limit, hear);
    } catch (const AnswerRejected& rejected) {
      sink.emit({board_, Rejected{rejected.why}});
    } catch (const LinkTimeout&) {
    }
    quiet_until_ = link.now() + quiet_gap;
    if (decoder().answer() != Answer::none_yet) break;
  }
  co_return decoder().answer();
}

Task<void> RegisterAdapter::ask_live(Link& link, Sink& sink, Block block) {
  const Answer answer = co_await ask(link, sink, block, tries_of_a_poll);
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

}  // namespace cellwarden::daly
