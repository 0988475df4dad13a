#pragma once
#include <deque>

#include "daemon/replay/recording.h"

namespace cellwarden {

/// The bytes of a wire, decoded as the service would. A reading's moment is that of the chunk that completed it.
class CaptureRecording : public Recording, private Sink {
 public:
  CaptureRecording(LineReader lines, const CaptureOptions& options)
      : Recording(std::move(lines)), options_(options), decoder_(options.protocol->decoder()) {}
  bool next(Reading& into) override;

 private:
  void emit(Event event) override;
  void take(Reading reading);

  CaptureOptions options_;
  std::unique_ptr<Decoder> decoder_;
  std::optional<double> now_s_;
  std::deque<Reading> ready_;  ///< of one chunk
};

}  // namespace cellwarden
