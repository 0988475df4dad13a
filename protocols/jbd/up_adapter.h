#pragma once
// The conversation with one unit of JBD's UP series: is it awake there, who is it, what does it cut at, then its status
// at every poll and its thresholds again now and then. Only reads leave (jbd.md 3.2), and none that begins at 2000.
#include "protocols/jbd/up_decoder.h"

namespace cellwarden::jbd {

class UpAdapter : public Adapter {
 public:
  explicit UpAdapter(const AdapterOptions& options)
      : unit_(options.address >= 1 && options.address <= up::most_units ? options.address : 1), poll_(options.poll) {}
  Task<void> run(Link& link, Sink& sink) override;

 private:
  using Answer = UpDecoder::Answer;

  Task<void> identify(Link& link, Sink& sink);
  Task<void> read_settings(Link& link, Sink& sink);
  Task<void> read_once(Link& link, Sink& sink);
  Task<void> ask_status(Link& link, Sink& sink, int tries);
  /// Asks up to `tries` times; `none_yet` when none was answered.
  Task<Answer> ask(Link& link, Sink& sink, up::Block block, int tries);

  int unit_;
  Duration poll_;
  UpDecoder decoder_;
  SteadyTime settings_read_{};
  bool has_thresholds_ = true, has_own_status_ = true;  ///< until it stays silent
};

}  // namespace cellwarden::jbd
