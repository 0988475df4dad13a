#include "daemon/banks/banks.h"

#include <algorithm>
#include <utility>

namespace cellwarden {

void Banks::set(const std::vector<BankedPack>& packs, const std::vector<BankSettings>& banks) {
  auto packs_before = std::exchange(packs_, {});
  for (const BankedPack& pack : packs) {
    const auto known = packs_before.find(pack.id);
    if (known != packs_before.end() && known->second.pack == pack) {
      packs_.insert(packs_before.extract(known));
    } else {
      packs_.emplace(pack.id, Member{pack});
    }
  }
  auto banks_before = std::exchange(banks_, {});
  for (const BankSettings& settings : banks) {
    const auto known = std::ranges::find(banks_before, settings, &Bank::settings);
    banks_.push_back(known != banks_before.end() ? *known : Bank(settings));
  }
  for (Bank& bank : banks_) tell(bank);
}

void Banks::tell(Bank& bank) {
  Members members;
  for (const std::string& id : bank.settings().packs) members.push_back(&packs_.at(id));
  next_.on_bank(bank.settings().id, bank.join(members));
}

void Banks::tell_of(const std::string& pack_id) {
  for (Bank& bank : banks_) {
    if (std::ranges::find(bank.settings().packs, pack_id) != bank.settings().packs.end()) tell(bank);
  }
}

void Banks::on_reading(const std::string& pack_id, const Reading& reading, const Counters& counters) {
  next_.on_reading(pack_id, reading, counters);
  const auto found = packs_.find(pack_id);
  if (found == packs_.end()) return;
  found->second.reading = reading, found->second.heard = true;
  tell_of(pack_id);
}

void Banks::on_insight(const std::string& pack_id, const Insight& insight) {
  next_.on_insight(pack_id, insight);
  const auto found = packs_.find(pack_id);
  if (found == packs_.end()) return;
  const ChargeOutlook now{insight.charge_verdict, insight.first_full_cell, insight.charge_margin_mv,
                          insight.minutes_to_stop, insight.v_pack_at_first_cell_limit};
  if (now == found->second.outlook) return;
  found->second.outlook = now;
  tell_of(pack_id);
}

void Banks::on_info(const std::string& pack_id, const Identity& identity, const Limits& limits) {
  next_.on_info(pack_id, identity, limits);
  const auto found = packs_.find(pack_id);
  if (found == packs_.end() || found->second.from_bms == limits) return;
  found->second.from_bms = limits;
  tell_of(pack_id);
}

void Banks::on_status(const std::string& pack_id, bool online, const std::string& why) {
  next_.on_status(pack_id, online, why);
  const auto found = packs_.find(pack_id);
  if (found == packs_.end()) return;
  Member& member = found->second;
  const bool was_fresh = member.fresh();
  member.online = online;
  if (!online) member.heard = false, member.outlook = {};
  if (member.fresh() != was_fresh) tell_of(pack_id);
}

void Banks::on_energy(const std::string& pack_id, const Energy& energy) { next_.on_energy(pack_id, energy); }

void Banks::on_alerts(const std::string& pack_id, const std::vector<Alert>& standing,
                      const std::vector<AlertEvent>& events) {
  next_.on_alerts(pack_id, standing, events);
}

}  // namespace cellwarden
