#include "daemon/publish/published_banks.h"

#include <utility>

#include "daemon/publish/messages.h"

namespace cellwarden {

namespace {

/// A bank as the reading of one battery, for the schedule and its dead bands.
Reading as_reading(const BankState& bank) {
  Reading reading;
  reading.cells_v = {bank.cell_max_v, bank.cell_min_v};
  reading.pack_v = bank.pack_v, reading.current_a = bank.current_a, reading.power_w = bank.power_w;
  reading.soc_pct = bank.soc_pct, reading.remaining_ah = bank.usable_now_ah, reading.full_ah = bank.installed_ah;
  return reading;
}

bool news_at_once(const BankState& from, const BankState& to) {
  return from.stale_packs != to.stale_packs || from.charge_verdict != to.charge_verdict ||
         from.first_full_pack != to.first_full_pack || from.problem.has_value() != to.problem.has_value() ||
         from.charge_on != to.charge_on || from.discharge_on != to.discharge_on;
}

}  // namespace

PublishedBanks::PublishedBanks(Topics topics, MqttClient& client, double publish_min_s, double publish_max_s)
    : topics_(std::move(topics)), client_(client), min_s_(publish_min_s), max_s_(publish_max_s) {}

void PublishedBanks::set(const std::vector<BankSettings>& banks) {
  auto before = std::exchange(banks_, {});
  for (const BankSettings& settings : banks) {
    const auto known = before.find(settings.id);
    if (known != before.end() && known->second.settings == settings) {
      banks_.insert(before.extract(known));
    } else {
      banks_.emplace(settings.id, Bank{settings, {min_s_, max_s_}});
    }
  }
}

void PublishedBanks::take(const std::string& id, const BankState& news) {
  const auto found = banks_.find(id);
  if (found == banks_.end()) return;
  Bank& bank = found->second;
  const std::optional<BankState> before = std::exchange(bank.state, news);
  if (!before || before->limits != news.limits) publish_info(id, bank);
  const Reading reading = as_reading(news);
  if (!bank.published || news_at_once(*bank.published, news) || bank.schedule.due(reading, news.steady_s)) {
    bank.schedule.published(reading, news.steady_s);
    bank.published = news;
    publish_state(id, bank);
  }
  if (!before || before->online() != news.online())
    publish_status(id, bank);  // after the state: it says "online" of it
}

void PublishedBanks::publish_statuses() const {
  for (const auto& [id, bank] : banks_) publish_status(id, bank);
}

void PublishedBanks::publish_all(const std::string& id) const {
  const Bank& bank = banks_.at(id);
  if (!bank.state) return;
  publish_info(id, bank);
  publish_state(id, bank);
}

std::vector<BankSettings> PublishedBanks::settings() const {
  std::vector<BankSettings> all;
  for (const auto& [id, bank] : banks_) all.push_back(bank.settings);
  return all;
}

void PublishedBanks::publish_status(const std::string& id, const Bank& bank) const {
  client_.publish(topics_.status(id), bank.state && bank.state->online() ? "online" : "offline", true, 1);
}
void PublishedBanks::publish_info(const std::string& id, const Bank& bank) const {
  client_.publish(topics_.info(id), bank_info_message(*bank.state), true, 1);
}
void PublishedBanks::publish_state(const std::string& id, const Bank& bank) const {
  client_.publish(topics_.state(id), bank_state_message(*bank.state), true, 0);
}

}  // namespace cellwarden
