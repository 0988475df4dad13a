#pragma once
// The conversation with a JBD: who are you, what do you cut at, then 0x03 and 0x04 at every poll. Only reads leave it
// (jbd.md 3.2).
#include "protocols/jbd/jbd_decoder.h"

namespace cellwarden::jbd {

class JbdAdapter : public Adapter {
 public:
  explicit JbdAdapter(const AdapterOptions& options) : poll_(options.poll) {}
  Task<void> run(Link& link, Sink& sink) override;

 private:
  using Answer = JbdDecoder::Answer;

  Task<void> wake(Link& link, Sink& sink);
  Task<void> identify(Link& link, Sink& sink);
  Task<void> read_limits(Link& link, Sink& sink);
  Task<void> read_once(Link& link, Sink& sink);
  /// Asks up to `tries` times. Throws LinkTimeout when none was answered.
  Task<Answer> ask(Link& link, Sink& sink, Buffer request, int tries);

  Duration poll_;
  JbdDecoder decoder_;
  SteadyTime limits_read_{};
};

}  // namespace cellwarden::jbd
