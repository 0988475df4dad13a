#include "daemon/links/capture_port.h"

#include <algorithm>
#include <fstream>

namespace cellwarden {

Task<void> CapturePort::open() {
  std::ifstream in(file_);
  if (!in) throw LinkLost("cannot read " + file_ + "; is the path right?");
  lines_.clear();
  CaptureReader reader(in);
  try {
    while (auto line = reader.next()) lines_.push_back(std::move(*line));
  } catch (const CaptureError& wrong) {
    throw LinkLost(file_ + ": " + wrong.what());
  }
  at_ = 0;
  asked_ = answering_ = false;
  open_ = true;
  co_return;
}

Task<void> CapturePort::write(Bytes request) {
  asked_ = true;
  const auto is_this = [&](const CaptureLine& line) {
    return line.direction == Direction::to_bms && std::ranges::equal(line.bytes, request);
  };
  const auto from_here = lines_.begin() + static_cast<std::ptrdiff_t>(at_);
  auto found = std::find_if(from_here, lines_.end(), is_this);
  if (found == lines_.end()) found = std::find_if(lines_.begin(), lines_.end(), is_this);
  answering_ = found != lines_.end();
  if (answering_) at_ = static_cast<std::size_t>(found - lines_.begin()) + 1;
  co_return;
}

Task<Buffer> CapturePort::read(SteadyTime) {
  while (!asked_ && at_ < lines_.size() && lines_[at_].direction == Direction::to_bms) ++at_;
  const bool has_more = at_ < lines_.size() && lines_[at_].direction == Direction::from_bms;
  if (has_more && (answering_ || !asked_)) co_return lines_[at_++].bytes;
  if (!asked_) throw LinkLost(file_ + " is over");
  throw LinkTimeout(file_ + " holds no answer to what was asked; `cellwarden decode` takes a recording as it is");
}

}  // namespace cellwarden
