#include "daemon/history/found_store.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "protocols/battery_json.h"

namespace cellwarden {

std::optional<FoundPack> FoundStore::load(const std::string& pack_id) {
  if (!history_.database) return std::nullopt;
  try {
    auto row = history_.database->prepare("SELECT link, protocol, address, baud FROM found WHERE pack_id = ?1");
    row.bind(1, pack_id);
    if (row.step()) {
      return FoundPack{row.text(0), row.text(1), static_cast<int>(row.real(2)), static_cast<unsigned>(row.real(3))};
    }
  } catch (const DatabaseError& failure) {
    failed(failure.what());
  }
  return std::nullopt;
}

void FoundStore::save(const std::string& pack_id, const FoundPack& found, UtcTime now) {
  if (!history_.database || !history_.database->writable()) return;
  try {
    auto row = history_.database->prepare(
        "INSERT INTO found(pack_id, link, protocol, address, baud, saved_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"
        " ON CONFLICT(pack_id) DO UPDATE SET link = excluded.link, protocol = excluded.protocol,"
        " address = excluded.address, baud = excluded.baud, saved_at = excluded.saved_at");
    row.bind(1, pack_id).bind(2, found.link).bind(3, found.protocol);
    row.bind(4, static_cast<double>(found.address)).bind(5, static_cast<double>(found.baud)).bind(6, utc_text(now));
    row.step();
    fault_.clear();
  } catch (const DatabaseError& failure) {
    failed(failure.what());
  }
}

void FoundStore::failed(const std::string& why) {
  if (std::exchange(fault_, why) == why) return;
  spdlog::warn("{}: {}: packs whose protocol is \"auto\" are looked for at every start", history_.file.string(), why);
}

}  // namespace cellwarden
