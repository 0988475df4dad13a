#include "daemon/commands/replay_progress.h"

#include <ostream>

namespace cellwarden {

ReplayProgress::ReplayProgress(std::ostream& err, bool shown, std::uint64_t total_bytes)
    : err_(err), shown_(shown), total_bytes_(total_bytes), start_(std::chrono::steady_clock::now()), last_(start_) {}

ReplayProgress::~ReplayProgress() {
  if (last_ != start_) err_ << "\r\033[K" << std::flush;
}

void ReplayProgress::show(std::uint64_t rows, std::uint64_t bytes) {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(500)) return;
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  err_ << '\r';
  if (total_bytes_ > 0) err_ << 100 * bytes / total_bytes_ << " %, ";
  err_ << static_cast<std::uint64_t>(static_cast<double>(rows) / seconds) << " rows/s\033[K" << std::flush;
}

}  // namespace cellwarden
