#include "daemon/replay/line_reader.h"

#include <cstring>

namespace cellwarden {

bool LineReader::next(std::string_view& line) {
  if (again_) {
    again_ = false;
    line = last_;
    return true;
  }
  bool too_long = false;
  for (;;) {
    const char* const from = buffer_.data() + at_;
    const void* const newline = at_ < end_ ? std::memchr(from, '\n', end_ - at_) : nullptr;
    if (newline != nullptr) {
      const auto length = static_cast<std::size_t>(static_cast<const char*>(newline) - from);
      line = cut(length, length + 1);
      break;
    }
    if (end_ - at_ > longest) {
      too_long = true;
      bytes_ += end_ - at_;
      at_ = end_;
    }
    if (fill()) continue;
    if (at_ == end_ && !too_long) return false;
    line = cut(end_ - at_, end_ - at_);
    break;
  }
  if (too_long || line.size() > longest) line = "?";
  last_ = line;
  ++line_;
  return true;
}

std::string_view LineReader::cut(std::size_t length, std::size_t with_end) {
  std::string_view line(buffer_.data() + at_, length);
  if (line.ends_with('\r')) line.remove_suffix(1);
  at_ += with_end;
  bytes_ += with_end;
  return line;
}

/// More behind what is not yet given; false at the end of the file.
bool LineReader::fill() {
  std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
  end_ -= at_;
  at_ = 0;
  in_.read(buffer_.data() + end_, static_cast<std::streamsize>(buffer_.size() - end_));
  end_ += static_cast<std::size_t>(in_.gcount());
  return in_.gcount() > 0;
}

}  // namespace cellwarden
