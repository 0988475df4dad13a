#pragma once
// A recording as a link: answers what it was asked when it was recorded. For `read` and `probe` on a capture; the
// service never runs on one, or old values would be shown as fresh.
#include <vector>

#include "daemon/links/capture.h"
#include "daemon/links/port.h"

namespace cellwarden {

class CapturePort : public Port {
 public:
  explicit CapturePort(std::string file) : file_(std::move(file)) {}

  bool is_open() const override { return open_; }
  /// Throws LinkLost: the file cannot be read, or holds a line that is none of a capture.
  Task<void> open() override;
  void close() override { open_ = false; }
  /// Finds this request, from the last one on and then from the beginning.
  Task<void> write(Bytes request) override;
  /// The answer as it was recorded; before any request what comes unasked, in its order. Never waits: throws
  /// LinkTimeout where the recording has no (more) answer, LinkLost at its end.
  Task<Buffer> read(SteadyTime deadline) override;
  void drop_unread() override {}
  Duration wire_time(std::size_t) const override { return {}; }
  std::string name() const override { return "capture:" + file_; }

 private:
  std::string file_;
  bool open_ = false, asked_ = false, answering_ = false;
  std::vector<CaptureLine> lines_;
  std::size_t at_ = 0;  ///< the line that is read next
};

}  // namespace cellwarden
