#pragma once
// Where a report's facts come from.
#include <iosfwd>

#include "config/config.h"
#include "daemon/report/facts.h"
#include "protocols/adapter.h"

namespace cellwarden {

/// Nothing is known of the pack; the text says why, and what would be right.
struct NothingKnown : std::runtime_error {
  using runtime_error::runtime_error;
};

/// What the service keeps, whether it runs or not. Throws NothingKnown.
report::Facts facts_from_history(const std::filesystem::path& state_dir, const PackConfig& pack, UtcTime now);

struct RecordedFile {
  std::string name;
  std::uint64_t bytes = 0;  ///< 0: not known
  const Protocol* protocol = nullptr;
};
/// A recording, played. Throws NothingKnown, NotARecording.
report::Facts facts_from_recording(std::istream& in, const RecordedFile& file, const PackConfig& pack,
                                   std::ostream& err);

}  // namespace cellwarden
