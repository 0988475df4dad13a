#include "daemon/history/state_store.h"

#include <spdlog/spdlog.h>

#include "protocols/battery_json.h"

namespace cellwarden {

std::optional<std::string> StateStore::load(const std::string& pack_id) {
  if (!history_.database) return std::nullopt;
  try {
    auto row = history_.database->prepare("SELECT blob FROM analysis_state WHERE pack_id = ?1");
    row.bind(1, pack_id);
    if (row.step()) return row.blob(0);
  } catch (const DatabaseError& failure) {
    failed(failure.what());
  }
  return std::nullopt;
}

void StateStore::save(const std::string& pack_id, std::string_view state, std::optional<UtcTime> now) {
  if (!history_.database || !history_.database->writable()) return;
  try {
    auto row = history_.database->prepare(
        "INSERT INTO analysis_state(pack_id, blob, saved_at) VALUES(?1, ?2, ?3)"
        " ON CONFLICT(pack_id) DO UPDATE SET blob = excluded.blob, saved_at = excluded.saved_at");
    row.bind(1, pack_id).bind_blob(2, state);
    if (now) row.bind(3, utc_text(*now));
    row.step();
    if (!std::exchange(fault_, {}).empty()) spdlog::info("{}: is written again", history_.file.string());
  } catch (const DatabaseError& failure) {
    failed(failure.what());
  }
}

void StateStore::failed(const std::string& why) {
  if (std::exchange(fault_, why) == why) return;
  spdlog::warn("{}: {}: what is learnt of the packs is kept in memory until it can be written", history_.file.string(),
               why);
}

}  // namespace cellwarden
