#pragma once
#include <chrono>
#include <cstdint>
#include <iosfwd>

namespace cellwarden {

/// "37 %, 1200000 rows/s" on one line that is written over, twice a second at most, and wiped at the end.
class ReplayProgress {
 public:
  /// `total_bytes` 0: unknown. `shown` false: says nothing (standard error is no terminal).
  ReplayProgress(std::ostream& err, bool shown, std::uint64_t total_bytes);
  ~ReplayProgress();

  void at(std::uint64_t rows, std::uint64_t bytes) {
    if (shown_ && rows % 4096 == 0) show(rows, bytes);
  }

 private:
  void show(std::uint64_t rows, std::uint64_t bytes);

  std::ostream& err_;
  bool shown_;
  std::uint64_t total_bytes_;
  std::chrono::steady_clock::time_point start_, last_;
};

}  // namespace cellwarden
