#pragma once
// The conversation with a Daly over D2: is a board awake there, who is it, what does it cut at, then its live registers
// at every poll and the settings again now and then.
#include "protocols/daly/d2_decoder.h"
#include "protocols/daly/register_adapter.h"

namespace cellwarden::daly {

class D2Adapter : public RegisterAdapter {
 public:
  explicit D2Adapter(const AdapterOptions& options)
      : RegisterAdapter(0, d2_slave, 0, options.over_ble), poll_(options.poll) {}
  Task<void> run(Link& link, Sink& sink) override;

 private:
  RegisterDecoder& decoder() override { return decoder_; }
  Task<void> ask_board(Link& link, Sink& sink);
  Task<void> read_settings(Link& link, Sink& sink);
  Task<void> read_once(Link& link, Sink& sink);

  Duration poll_;
  D2Decoder decoder_;
  SteadyTime settings_read_{};
  bool has_board_block_ = false;  ///< it was answered since the link lives
  int board_misses_ = 0;
};

}  // namespace cellwarden::daly
