#pragma once
// How each pack whose protocol is "auto" answered last, kept in history.db. It goes on without: then a pack is looked
// for at every start.
#include "daemon/history/history.h"

namespace cellwarden {

struct FoundPack {
  std::string link, protocol;
  int address = 0;
  unsigned baud = 0;

  bool operator==(const FoundPack&) const = default;
};

class FoundStore {
 public:
  /// `history` outlives it.
  explicit FoundStore(History& history) : history_(history) {}

  std::optional<FoundPack> load(const std::string& pack_id);
  void save(const std::string& pack_id, const FoundPack& found, UtcTime now);

 private:
  void failed(const std::string& why);

  History& history_;
  std::string fault_;
};

}  // namespace cellwarden
