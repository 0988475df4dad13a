#include "daemon/history/energy_keeper.h"

namespace cellwarden {

namespace {

constexpr double keep_every_s = 5, save_every_s = 14 * 60;

}  // namespace

EnergyKeeper::EnergyKeeper(EnergyStore& store, PackObserver& next) : store_(store), next_(next), kept_(store.before()) {
  for (const auto& [id, energy] : kept_) packs_[id].meter = EnergyMeter(energy);
}

void EnergyKeeper::on_reading(const std::string& pack_id, const Reading& reading, const Counters& counters) {
  last_heard_ = reading.taken_at;
  count(pack_id, reading);
  if (const auto known = kept_.find(pack_id); known != kept_.end()) next_.on_energy(pack_id, known->second);
  next_.on_reading(pack_id, reading, counters);

  // Last, for a card takes its time.
  if (!saved_s_) saved_s_ = reading.steady_s;
  if (reading.steady_s - *saved_s_ < save_every_s) return;
  saved_s_ = reading.steady_s;
  store_.save(totals(), last_heard_);
}

void EnergyKeeper::count(const std::string& pack_id, const Reading& reading) {
  const auto power_w = power_of(reading);
  auto found = packs_.find(pack_id);
  if (found == packs_.end()) {
    // A pack that says nothing of its power has no counters; one whose counters cannot be read must not begin at 0.
    if (!power_w || !store_.knows_before()) return;
    found = packs_.try_emplace(pack_id).first;
  }
  Pack& pack = found->second;
  pack.meter.on_reading(power_w, reading.steady_s);
  pack.read_to_s = reading.steady_s;
  if (pack.read_to_s - pack.kept_to_s >= keep_every_s) keep();
}

void EnergyKeeper::keep() {
  if (auto all = totals(); all != kept_) {
    kept_ = std::move(all);
    store_.keep(kept_);
  }
  for (auto& [id, pack] : packs_) pack.kept_to_s = pack.read_to_s;
}

void EnergyKeeper::save() {
  keep();
  store_.save(kept_, last_heard_);
}

Energies EnergyKeeper::totals() const {
  Energies all;
  for (const auto& [id, pack] : packs_) all.emplace(id, pack.meter.total());
  return all;
}

void EnergyKeeper::on_info(const std::string& pack_id, const Identity& identity, const Limits& limits) {
  next_.on_info(pack_id, identity, limits);
}

void EnergyKeeper::on_status(const std::string& pack_id, bool online, const std::string& why) {
  next_.on_status(pack_id, online, why);
}

}  // namespace cellwarden
