#pragma once
// The capture format: what passed on a wire, as text.
//
//   # cellwarden capture 1
//   12.345 > DD A5 03 00 FF FD 77        to the BMS
//   12.391 < DD03001D 0618 ...           from the BMS, a line per chunk as it came
//
// The number is seconds and may be missing; spaces in the hex, empty lines and # comments are fine.
#include <iosfwd>
#include <optional>
#include <stdexcept>
#include <string>

#include "protocols/adapter.h"

namespace cellwarden {

struct CaptureLine {
  std::optional<double> seconds;
  Direction direction = Direction::from_bms;
  Buffer bytes;
};

/// A line that is none: the text names the line and says what one looks like.
struct CaptureError : std::runtime_error {
  using runtime_error::runtime_error;
};

/// One line of the file; empty for one that is blank or a comment. Throws CaptureError for one that is none.
std::optional<CaptureLine> capture_line(std::string_view text);

class CaptureReader {
 public:
  explicit CaptureReader(std::istream& in) : in_(in) {}
  /// The next chunk; empty at the end. Throws CaptureError; reading may go on with the line after.
  std::optional<CaptureLine> next();

 private:
  std::istream& in_;
  int line_ = 0;
};

class CaptureWriter {
 public:
  /// Writes the heading.
  explicit CaptureWriter(std::ostream& out);
  /// A line for whoever reads it.
  void remark(std::string_view text);
  void write(double seconds, Direction direction, Bytes bytes);

 private:
  std::ostream& out_;
};

}  // namespace cellwarden
