#pragma once
// What the analysis and the alerts of each pack remember, kept in history.db. It goes on without: what cannot be read
// or written is said once, and once when it can again.
#include "daemon/history/history.h"

namespace cellwarden {

class StateStore {
 public:
  /// `history` outlives it.
  explicit StateStore(History& history) : history_(history) {}

  /// What was saved of the pack last; empty: nothing, or it cannot be read.
  std::optional<std::string> load(const std::string& pack_id);
  void save(const std::string& pack_id, std::string_view state, std::optional<UtcTime> now);

 private:
  void failed(const std::string& why);

  History& history_;
  std::string fault_;
};

}  // namespace cellwarden
