#pragma once
// What must survive a restart of one pack's analysis and alerts, as one blob:
//
//   cellwarden state 1 <sum, 16 hex digits> \n | alerts, one line of JSON \n | the analysis's own blob
#include <optional>
#include <string>
#include <string_view>

namespace cellwarden {

struct PackState {
  std::string alerts, analysis;
};
std::string join(const PackState& state);
/// Empty when the blob is damaged, of another version, or none of ours.
std::optional<PackState> split(std::string_view blob);

}  // namespace cellwarden
