#pragma once
// Where the energy counters survive: every few seconds in a file of the runtime directory, which lies in memory and
// outlives a crash; every quarter of an hour in history.db, which outlives the power. It goes on without either: what
// cannot be written is said once, and once when it can again.
#include <map>

#include "daemon/history/history.h"

namespace cellwarden {

/// By pack id.
using Energies = std::map<std::string, Energy>;

/// What history.db holds of a pack; throws DatabaseError.
std::optional<Energy> saved_energy(History& history, const std::string& pack_id);

class EnergyStore {
 public:
  EnergyStore(History history, const std::filesystem::path& runtime_dir);

  /// What was kept before: of each counter the larger of the two.
  const Energies& before() const { return before_; }
  /// False: what was counted before cannot be read, so for a pack not in before() nobody knows where to go on.
  bool knows_before() const { return history_.known; }

  /// The same file holds more.
  History& history() { return history_; }

  /// Into the runtime directory.
  void keep(const Energies& all);
  /// Into history.db; of packs that have not changed nothing is written. A counter never goes down there.
  void save(const Energies& all, std::optional<UtcTime> now);

 private:
  /// One place to write to, and whether it was said that it does not work.
  struct Place {
    std::filesystem::path file;
    std::string fault;
    void failed(const std::string& why);
    void worked();
  };
  void load_saved();
  void load_kept();

  History history_;
  Place kept_, saved_;
  Energies before_, in_database_;
};

}  // namespace cellwarden
