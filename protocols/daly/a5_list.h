#pragma once
// A list that comes in numbered frames (0x95, 0x96, texts), of one answer.
//
//   payload   number | data[6 or 7]        numbers from 1; a board that sends a 0 counts from 0
//
// A tail of the last answer may still lie in the wire when a new one begins: 6' 1 2 3 4 5 6. Frames that came one
// after another are taken at once; any other order waits until no more can come, and a list that is its own tail and
// then its head is refused, for it cannot be told from two answers.
#include <array>
#include <optional>
#include <vector>

#include "protocols/framing.h"

namespace cellwarden::daly {

class List {
 public:
  static constexpr std::size_t most_frames = 16;

  /// `width`: data bytes in a frame behind its number.
  explicit List(std::size_t width) : width_(width) {}

  /// `range`: no such number; `unexpected`: a frame that is there already, alike.
  Result<void> add(Bytes payload);

  /// The data of frames 1..needed when they came one after another; `patient`: no more will come, so their order may
  /// be another.
  std::optional<Buffer> data(std::size_t needed, bool patient) const;
  /// All that came from the first frame on without a gap.
  std::optional<Buffer> data_so_far() const { return data(longest(), true); }
  /// The last frame is there, those before it came in order, and one is missing: nothing more will come.
  bool is_torn(std::size_t needed) const;
  bool holds(std::size_t number) const { return number <= most_frames && frames_[number].has_value(); }
  /// How many frames the highest number speaks of.
  std::size_t longest() const;

 private:
  std::size_t first() const { return frames_[0] ? 0 : 1; }
  std::vector<std::size_t> order_of(std::size_t needed) const;

  std::size_t width_;
  std::array<std::optional<Buffer>, most_frames + 1> frames_;
  std::vector<std::size_t> order_;  ///< numbers as they came, each once
  bool replaced_ = false;           ///< two frames of one number differed: two answers are in here
};

}  // namespace cellwarden::daly
