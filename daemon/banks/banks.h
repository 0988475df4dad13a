#pragma once
// All banks, fed by what is told of their packs. Stands between the packs and who hears of them: everything goes on as
// it came, and after it what it makes of each bank that holds the pack.
#include <map>
#include <string>
#include <vector>

#include "daemon/banks/bank.h"
#include "daemon/packs/pack_observer.h"

namespace cellwarden {

class Banks final : public PackObserver {
 public:
  explicit Banks(PackObserver& next) : next_(next) {}

  /// The banks from now on, and all packs, for another config may bank any of them: their limits are told only once. Of
  /// a pack whose settings changed nothing is known any more. Every bank is told.
  void set(const std::vector<BankedPack>& packs, const std::vector<BankSettings>& banks);

  void on_reading(const std::string& pack_id, const Reading& reading, const Counters& counters) override;
  void on_energy(const std::string& pack_id, const Energy& energy) override;
  void on_insight(const std::string& pack_id, const Insight& insight) override;
  void on_alerts(const std::string& pack_id, const std::vector<Alert>& standing,
                 const std::vector<AlertEvent>& events) override;
  void on_info(const std::string& pack_id, const Identity& identity, const Limits& limits) override;
  void on_status(const std::string& pack_id, bool online, const std::string& why) override;

 private:
  void tell(Bank& bank);
  /// The banks that hold the pack: one at most, as `check` has it.
  void tell_of(const std::string& pack_id);

  PackObserver& next_;
  std::map<std::string, Member> packs_;
  std::vector<Bank> banks_;
};

}  // namespace cellwarden
