#pragma once
// Recorded readings for replay (design: Readings for replay): CSV with a header, JSON lines, or a capture.
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <stdexcept>

#include "daemon/replay/line_reader.h"
#include "protocols/adapter.h"

namespace cellwarden {

/// The file holds no recorded readings; one line says why.
struct NotARecording : std::runtime_error {
  using runtime_error::runtime_error;
};

class Recording {
 public:
  explicit Recording(LineReader lines) : lines_(std::move(lines)) {}
  virtual ~Recording() = default;

  /// The next reading, with `steady_s` and `taken_at` from its `t_s`; false at the end. Give the same Reading each
  /// time: what the recording does not hold is left alone, and nothing is allocated anew.
  virtual bool next(Reading& into) = 0;

  /// What the recording itself says of the limits, so far. Only captures do.
  const Limits& limits() const { return limits_; }

  std::uint64_t rows() const { return rows_; }        ///< given so far
  std::uint64_t skipped() const { return skipped_; }  ///< could not be read
  std::uint64_t first_skipped_line() const { return first_skipped_line_; }
  std::uint64_t bytes() const { return lines_.bytes(); }

 protected:
  void skip();

  LineReader lines_;
  Limits limits_;
  std::uint64_t rows_ = 0, skipped_ = 0, first_skipped_line_ = 0;
};

/// What is to be known of a capture.
struct CaptureOptions {
  const Protocol* protocol = nullptr;  ///< a capture cannot be read without
  int address = 0;                     ///< one of several packs in it; 0: the first heard
  bool invert_current = false;
};

/// Looks at the first line to see what it is. Throws NotARecording.
std::unique_ptr<Recording> open_recording(std::istream& in, const CaptureOptions& options = {});

/// A moment of the recording as both clocks; false when no clock shows it.
bool set_time(double t_s, Reading& into);

}  // namespace cellwarden
