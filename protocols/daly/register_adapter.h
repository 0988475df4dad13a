#pragma once
// How one of Daly's boards is asked for registers: a request, its answer, on a wire a gap behind it. Only function 03
// leaves (daly.md 4a).
#include "protocols/daly/register_decoder.h"

namespace cellwarden::daly {

class RegisterAdapter : public Adapter {
 protected:
  using Answer = RegisterDecoder::Answer;

  static constexpr int tries_of_a_poll = 3, tries_of_a_setting = 2;
  static constexpr Duration settings_period = std::chrono::minutes(10);

  /// `board`: as its events name it. `answers_as`: 0 where it answers under the number it is asked by.
  RegisterAdapter(int board, std::uint8_t unit, std::uint8_t answers_as, bool over_ble)
      : board_(board), unit_(unit), answers_as_(answers_as), over_ble_(over_ble) {}

  /// Asks up to `tries` times; `none_yet` when none was answered.
  Task<Answer> ask(Link& link, Sink& sink, Block block, int tries);
  /// Without these there is no reading: throws when they do not come.
  Task<void> ask_live(Link& link, Sink& sink, Block block);

 private:
  virtual RegisterDecoder& decoder() = 0;

  int board_;
  std::uint8_t unit_, answers_as_;
  bool over_ble_;
  SteadyTime quiet_until_{};
};

}  // namespace cellwarden::daly
