#pragma once
// What all codecs share: why bytes are refused, and the reassembler that cuts a stream into frames.
#include <boost/system/result.hpp>

#include <cstddef>
#include <stdexcept>
#include <string_view>

#include "protocols/bytes.h"

namespace cellwarden {

/// Why bytes were refused. Counted by reason, never guessed around.
///   length     shorter than the frame itself says          checksum    sum or CRC is wrong
///   sync       bytes that begin no frame                   unexpected  intact, but nobody asked for it
///   range      intact, but no battery has such values      refused     the BMS understood and says no
enum class FrameError { length, sync, checksum, unexpected, range, refused };

constexpr std::string_view name(FrameError why) {
  constexpr std::string_view names[] = {"length", "sync", "checksum", "unexpected", "range", "refused"};
  return names[static_cast<std::size_t>(why)];
}
inline constexpr std::size_t frame_error_count = 6;

/// Thrown by `Result::value()` on refused bytes.
struct BadFrame : std::runtime_error {
  explicit BadFrame(FrameError reason) : runtime_error("bad frame"), why(reason) {}
  FrameError why;
};
[[noreturn]] inline void throw_exception_from_error(FrameError why, const boost::source_location&) {
  throw BadFrame(why);
}

template <class T>
using Result = boost::system::result<T, FrameError>;

/// What a codec's frame rule says of the bytes received so far.
struct FrameStep {
  enum Kind { need_more, frame, skip } kind;
  std::size_t bytes = 0;              ///< length of the frame, or how many bytes to drop
  FrameError why = FrameError::sync;  ///< for `skip`
};

/// Collects what arrives and cuts it into frames by a codec's rule.
class Reassembler {
 public:
  /// More than any frame of any protocol: what does not become a frame by then is dropped from the front.
  static constexpr std::size_t capacity = 4096;

  /// Appends `chunk`; calls `on_frame(Bytes)` and `on_skip(FrameError)` in the order of the wire. A run of skipped
  /// bytes with one reason counts once.
  template <class Rule, class OnFrame, class OnSkip>
  void feed(Bytes chunk, const Rule& rule, OnFrame&& on_frame, OnSkip&& on_skip) {
    buffer_.insert(buffer_.end(), chunk.begin(), chunk.end());
    std::size_t at = 0;
    while (at < buffer_.size()) {
      const Bytes rest = Bytes(buffer_).subspan(at);
      FrameStep step = rule(rest);
      if (step.kind == FrameStep::need_more) {
        if (rest.size() < capacity) break;
        step = {FrameStep::skip, 1, FrameError::length};
      }
      if (step.kind == FrameStep::frame) {
        skipping_ = false;
        on_frame(rest.first(step.bytes));
      } else if (!skipping_ || step.why != last_skip_) {
        skipping_ = true;
        last_skip_ = step.why;
        on_skip(step.why);
      }
      at += step.bytes;
    }
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  /// No more bytes will come: what waits for the rest of a frame is skipped (`length`), frames behind its start are
  /// found.
  template <class Rule, class OnFrame, class OnSkip>
  void flush(const Rule& rule, OnFrame&& on_frame, OnSkip&& on_skip) {
    const auto ended = [&](Bytes rest) {
      const FrameStep step = rule(rest);
      return step.kind == FrameStep::need_more ? FrameStep{FrameStep::skip, 1, FrameError::length} : step;
    };
    feed({}, ended, on_frame, on_skip);
  }

  /// The beginning of a frame waits for its rest.
  bool has_rest() const { return !buffer_.empty(); }

  /// Drops an unfinished frame. True when there was one.
  bool drop_rest() {
    const bool had = !buffer_.empty();
    buffer_.clear();
    skipping_ = false;
    return had;
  }

 private:
  Buffer buffer_;
  bool skipping_ = false;
  FrameError last_skip_ = FrameError::sync;
};

}  // namespace cellwarden
