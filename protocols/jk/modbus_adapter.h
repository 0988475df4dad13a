#pragma once
// The conversation with a JK of the PB series on RS485: is a pack awake there, who is it, what does it cut at, then its
// live registers at every poll and the settings again now and then. Only function 03 leaves it (jk.md 3.7); with
// `jk_trigger` the three triggers of line_frames.h instead, for packs that answer these more reliably (jk.md 3.6).
#include "protocols/jk/line_decoder.h"

namespace cellwarden::jk {

class ModbusAdapter : public Adapter {
 public:
  explicit ModbusAdapter(const AdapterOptions& options)
      : address_(options.address), poll_(options.poll), triggers_(options.jk_trigger) {}
  Task<void> run(Link& link, Sink& sink) override;

 private:
  using Answer = LineDecoder::Answer;

  Task<void> find_pack(Link& link, Sink& sink);
  Task<void> introduce(Link& link, Sink& sink);
  Task<void> read_settings(Link& link, Sink& sink);
  Task<void> read_once(Link& link, Sink& sink);
  Task<void> ask_live(Link& link, Sink& sink);
  Task<void> ask_more_temps(Link& link, Sink& sink);
  /// Each asks up to `tries` times; `none_yet` when none was answered. Throws DeviceRefused where a master talks
  /// already.
  Task<Answer> ask(Link& link, Sink& sink, Block block, int tries);
  Task<Answer> pull(Link& link, Sink& sink, Trigger what, int tries);
  void give_way() const;

  int address_;  ///< 0: the factory's, 1
  Duration poll_;
  bool triggers_;
  std::uint8_t unit_ = 1;
  ModbusDecoder decoder_;
  SteadyTime settings_read_{};
  bool has_more_temps_ = false;  ///< they were answered since the link lives
  int more_temps_misses_ = 0;
};

}  // namespace cellwarden::jk
