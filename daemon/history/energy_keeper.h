#pragma once
// Stands between the packs and who hears of them: counts the energy of every reading, keeps it, and tells of it just
// before the reading. What is told has been kept first, so that no crash makes a counter run backwards.
//
//   kept in the runtime directory   before a pack has 5 s untold: with the time to its next reading, a crash loses
//                                   less than 10 s
//   saved in history.db             every 14 min of readings: the power's loss costs less than 15 min
//
// Only the monotonic clock counts here, so a stepped clock changes nothing.
#include "daemon/history/energy_meter.h"
#include "daemon/history/energy_store.h"
#include "daemon/packs/pack_observer.h"

namespace cellwarden {

class EnergyKeeper final : public PackObserver {
 public:
  EnergyKeeper(EnergyStore& store, PackObserver& next);

  /// Everything, to both places: at an orderly stop.
  void save();

  void on_reading(const std::string& pack_id, const Reading& reading, const Counters& counters) override;
  void on_info(const std::string& pack_id, const Identity& identity, const Limits& limits) override;
  void on_status(const std::string& pack_id, bool online, const std::string& why) override;

 private:
  struct Pack {
    EnergyMeter meter;
    double kept_to_s = -std::numeric_limits<double>::infinity();  ///< the last reading counted in what is kept
    double read_to_s = kept_to_s;
  };
  void count(const std::string& pack_id, const Reading& reading);
  void keep();
  Energies totals() const;

  EnergyStore& store_;
  PackObserver& next_;
  std::map<std::string, Pack> packs_;
  Energies kept_;
  std::optional<double> saved_s_;
  std::optional<UtcTime> last_heard_;
};

}  // namespace cellwarden
