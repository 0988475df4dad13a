#pragma once
// What the packs whose protocol is "auto" turned out to be: now, and before the last restart.
#include <map>

#include "config/config.h"
#include "daemon/finding/search.h"
#include "daemon/history/found_store.h"

namespace cellwarden {

bool is_auto(const PackConfig& pack);

class Answers {
 public:
  /// `store`: null: nothing is remembered; else it outlives this.
  explicit Answers(FoundStore* store) : store_(store) {}

  struct Resolved {
    std::vector<PackConfig> known;                 ///< as they are spoken to, each with a protocol
    std::vector<finding::Search::Wanted> unknown;  ///< to be looked for
  };
  Resolved resolve(const std::vector<PackConfig>& wanted);

  void found(const PackConfig& pack, const finding::Search::Result& result, UtcTime now);
  /// It does not answer any more: it is looked for, there first.
  void doubt(const std::string& pack_id);

 private:
  struct Known {
    finding::Answer answer;
    LinkAddress link;
    bool is_doubted = false;
  };
  Known* recall(const PackConfig& pack);

  FoundStore* store_;
  std::map<std::string, Known> known_;  ///< by pack id
};

}  // namespace cellwarden
