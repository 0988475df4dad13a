#pragma once
#include <sstream>
#include <string>
#include <vector>

#include "daemon/replay/recording.h"

namespace cellwarden::test {

/// All that a text gives.
struct Replayed {
  std::vector<Reading> readings;
  Limits limits;
  std::uint64_t rows = 0, skipped = 0, first_skipped_line = 0, bytes = 0;
};

inline Replayed replayed(const std::string& text, const CaptureOptions& options = {}) {
  std::istringstream in(text);
  const auto recording = open_recording(in, options);
  Replayed all;
  for (Reading reading; recording->next(reading);) all.readings.push_back(reading);
  all.limits = recording->limits();
  all.rows = recording->rows();
  all.skipped = recording->skipped();
  all.first_skipped_line = recording->first_skipped_line();
  all.bytes = recording->bytes();
  return all;
}

/// Why a text is no recording; empty when it is one.
inline std::string refusal(const std::string& text, const CaptureOptions& options = {}) {
  try {
    replayed(text, options);
    return "";
  } catch (const NotARecording& why) {
    return why.what();
  }
}

}  // namespace cellwarden::test
