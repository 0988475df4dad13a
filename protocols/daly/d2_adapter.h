#pragma once
// The conversation with a Daly over D2: is a board awake there, who is it, what does it cut at, then its live registers
// at every poll and the settings again now and then. Only function 03 leaves it (daly.md 4a).
#include "protocols/daly/d2_decoder.h"

namespace cellwarden::daly {

class D2Adapter : public Adapter {
 public:
  explicit D2Adapter(const AdapterOptions& options) : poll_(options.poll), over_ble_(options.over_ble) {}
  Task<void> run(Link& link, Sink& sink) override;

 private:
  using Answer = D2Decoder::Answer;

  Task<void> ask_live(Link& link, Sink& sink, int tries);
  Task<void> ask_board(Link& link, Sink& sink);
  Task<void> read_settings(Link& link, Sink& sink);
  Task<void> read_once(Link& link, Sink& sink);
  /// Asks up to `tries` times; `none_yet` when none was answered.
  Task<Answer> ask(Link& link, Sink& sink, Block block, int tries);

  Duration poll_;
  bool over_ble_;
  D2Decoder decoder_;
  SteadyTime quiet_until_{}, settings_read_{};
  bool has_board_block_ = false;  ///< it was answered since the link lives
  int board_misses_ = 0;
};

}  // namespace cellwarden::daly
