#include "daemon/history/energy_store.h"

#include <spdlog/spdlog.h>

#include <cmath>
#include <fstream>

#include "protocols/battery_json.h"

namespace cellwarden {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

void raise_to(Energies& all, const std::string& id, const Energy& to) {
  const auto usable = [](double kwh) { return std::isfinite(kwh) && kwh >= 0; };
  if (!usable(to.charged_kwh) || !usable(to.discharged_kwh)) return;
  Energy& energy = all[id];
  energy.charged_kwh = std::max(energy.charged_kwh, to.charged_kwh);
  energy.discharged_kwh = std::max(energy.discharged_kwh, to.discharged_kwh);
}

void write(const fs::path& file, const Energies& all) {
  json text = json::object();
  for (const auto& [id, energy] : all) {
    each_member(energy, [&, &id = id](std::string_view name, double kwh) { text[id][std::string(name)] = kwh; });
  }
  const fs::path beside = file.string() + ".new";
  std::ofstream out(beside);
  out << text.dump() << '\n';
  out.close();
  if (!out) throw std::runtime_error("cannot be written");
  fs::rename(beside, file);
}

}  // namespace

std::optional<Energy> saved_energy(History& history, const std::string& pack_id) {
  if (!history.database) return std::nullopt;
  auto row = history.database->prepare("SELECT charged_kwh, discharged_kwh FROM energy WHERE pack_id = ?1");
  row.bind(1, pack_id);
  return row.step() ? std::optional(Energy{row.real(0), row.real(1)}) : std::nullopt;
}

EnergyStore::EnergyStore(History history, const fs::path& runtime_dir)
    : history_(std::move(history)), kept_{runtime_dir / "energy.json", {}}, saved_{history_.file, {}} {
  std::error_code shown_by_writing;
  fs::create_directories(runtime_dir, shown_by_writing);
  if (history_.database) load_saved();
  load_kept();
}

void EnergyStore::load_saved() {
  try {
    auto rows = history_.database->prepare("SELECT pack_id, charged_kwh, discharged_kwh FROM energy");
    while (rows.step()) raise_to(in_database_, rows.text(0), {rows.real(1), rows.real(2)});
    before_ = in_database_;
  } catch (const DatabaseError& failure) {
    history_.known = false;
    spdlog::warn("{}: cannot be read ({}): running without what it holds", saved_.file.string(), failure.what());
  }
}

void EnergyStore::load_kept() {
  std::ifstream in(kept_.file);
  if (!in) return;
  try {
    const json kept = json::parse(in);
    for (const auto& [id, members] : kept.items()) {
      Energy energy;
      each_member(energy, [&, &from = members](std::string_view name, double& kwh) {
        kwh = from.at(std::string(name)).template get<double>();
      });
      raise_to(before_, id, energy);
    }
  } catch (const json::exception& failure) {
    spdlog::warn("{}: cannot be read ({}): energy goes on from history.db", kept_.file.string(), failure.what());
  }
}

void EnergyStore::keep(const Energies& all) {
  try {
    write(kept_.file, all);
    kept_.worked();
  } catch (const std::exception& failure) {
    kept_.failed(failure.what());
  }
}

void EnergyStore::save(const Energies& all, std::optional<UtcTime> now) {
  if (!history_.database || !history_.database->writable() || all == in_database_) return;
  try {
    Transaction transaction(*history_.database);
    auto row = history_.database->prepare(
        "INSERT INTO energy(pack_id, charged_kwh, discharged_kwh, saved_at) VALUES(?1, ?2, ?3, ?4)"
        " ON CONFLICT(pack_id) DO UPDATE SET charged_kwh = max(charged_kwh, excluded.charged_kwh),"
        " discharged_kwh = max(discharged_kwh, excluded.discharged_kwh), saved_at = excluded.saved_at");
    for (const auto& [id, energy] : all) {
      const auto there = in_database_.find(id);
      if (there != in_database_.end() && there->second == energy) continue;
      row.bind(1, id).bind(2, energy.charged_kwh).bind(3, energy.discharged_kwh);
      if (now) row.bind(4, utc_text(*now));
      row.step();
      row.reset();
    }
    transaction.commit();
    in_database_ = all;
    saved_.worked();
  } catch (const DatabaseError& failure) {
    saved_.failed(failure.what());
  }
}

void EnergyStore::Place::failed(const std::string& why) {
  if (std::exchange(fault, why) != why) {
    spdlog::warn("{}: {}: the energy counters are kept in memory until it can be written", file.string(), why);
  }
}

void EnergyStore::Place::worked() {
  if (!std::exchange(fault, {}).empty()) spdlog::info("{}: is written again", file.string());
}

}  // namespace cellwarden
