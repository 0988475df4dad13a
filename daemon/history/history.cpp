#include "daemon/history/history.h"

#include <spdlog/spdlog.h>

#include "protocols/battery_json.h"

namespace cellwarden {

namespace {

namespace fs = std::filesystem;

constexpr const char* schema[] = {
    "CREATE TABLE energy(pack_id TEXT PRIMARY KEY NOT NULL, charged_kwh REAL NOT NULL, discharged_kwh REAL NOT NULL,"
    " saved_at TEXT) WITHOUT ROWID",
    "CREATE TABLE analysis_state(pack_id TEXT PRIMARY KEY NOT NULL, blob BLOB NOT NULL, saved_at TEXT)",
    "CREATE TABLE segments(pack_id TEXT NOT NULL, ended_at TEXT NOT NULL, charge INTEGER NOT NULL, cause TEXT NOT NULL,"
    " ah REAL NOT NULL, hours REAL NOT NULL, edge_v REAL, edge_cell INTEGER, told INTEGER NOT NULL, usable_ah REAL,"
    " margin_mv REAL, offset_pct BLOB, r_mohm BLOB, PRIMARY KEY(pack_id, ended_at, charge)) WITHOUT ROWID;"
    "CREATE TABLE days(pack_id TEXT NOT NULL, day TEXT NOT NULL, charged_ah REAL NOT NULL, discharged_ah REAL NOT NULL,"
    " highest_v REAL, lowest_v REAL, charges INTEGER NOT NULL, cut_by_bms INTEGER NOT NULL, usable_ah REAL,"
    " margin_mv REAL, offset_pct BLOB, r_mohm BLOB, PRIMARY KEY(pack_id, day)) WITHOUT ROWID;"
    "CREATE TABLE alert_log(pack_id TEXT NOT NULL, at TEXT, raised INTEGER NOT NULL, alert TEXT NOT NULL,"
    " level TEXT NOT NULL, cell INTEGER, text TEXT NOT NULL);"
    "CREATE INDEX alert_log_of_pack ON alert_log(pack_id);"
    "CREATE TABLE limits(pack_id TEXT PRIMARY KEY NOT NULL, limits TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE found(pack_id TEXT PRIMARY KEY NOT NULL, link TEXT NOT NULL, protocol TEXT NOT NULL,"
    " address INTEGER NOT NULL, baud INTEGER NOT NULL, saved_at TEXT) WITHOUT ROWID",
};

/// A directory that may not be looked into can hold one.
bool surely_absent(const fs::path& file) {
  std::error_code unknown;
  return fs::status(file, unknown).type() == fs::file_type::not_found;
}

/// With its log, which must neither be lost to who looks into it later nor be taken for the new file's.
fs::path set_aside(const fs::path& file, UtcTime now) {
  std::string date = utc_text(now).substr(0, 19);
  std::erase(date, ':');
  fs::path aside = file.string() + ".damaged-" + date;
  fs::rename(file, aside);
  for (const char* beside : {"-wal", "-shm"}) {
    if (!surely_absent(file.string() + beside)) fs::rename(file.string() + beside, aside.string() + beside);
  }
  return aside;
}

void begin_anew(History& history, Migrations migrations, UtcTime now, const std::string& why) {
  try {
    const fs::path aside = set_aside(history.file, now);
    history.database.emplace(history.file, migrations);
    spdlog::warn("{} was damaged ({}): set aside as {}, a new history is begun", history.file.string(), why,
                 aside.filename().string());
  } catch (const std::exception& failure) {
    spdlog::warn("{} is damaged ({}) and cannot be replaced ({}): energy is counted in memory only",
                 history.file.string(), why, failure.what());
  }
}

void only_read(History& history, Migrations migrations, const std::string& why) {
  const std::string name = history.file.string();
  try {
    if (!surely_absent(history.file)) history.database = Database::read_only(history.file, migrations);
    if (history.database && history.database->version() == 0) history.database.reset();  // it was only begun
  } catch (const DatabaseError& failure) {
    history.known = false;
    return spdlog::warn("{} cannot be opened ({}): running without history; may the service read and write there?",
                        name, failure.what());
  }
  spdlog::warn(
      "{} cannot be written ({}): energy goes on from {} and is kept in memory only; may the service write "
      "there, is the disk full or read-only?",
      name, why, history.database ? "what it holds" : "0");
}

}  // namespace

Migrations history_schema() { return schema; }

History open_history(const fs::path& state_dir, Migrations migrations, UtcTime now) {
  History history{state_dir / "history.db", {}, true};
  std::error_code shown_by_opening;
  fs::create_directories(state_dir, shown_by_opening);
  const std::string name = history.file.string();
  try {
    history.database.emplace(history.file, migrations);
  } catch (const DatabaseError& failure) {
    switch (failure.kind) {
      case DatabaseError::damaged:
        begin_anew(history, migrations, now, failure.what());
        break;
      case DatabaseError::unwritable:
        only_read(history, migrations, failure.what());
        break;
      case DatabaseError::newer:
        history.known = false;
        spdlog::warn(
            "{} was written by a newer Cellwarden ({}): running without history; install that one again, or move the "
            "file away to begin a new history",
            name, failure.what());
        break;
      case DatabaseError::busy:
        history.known = false;
        spdlog::warn("{} is in use by another program: running without history; end that one and restart the service",
                     name);
        break;
      case DatabaseError::other:
        history.known = false;
        spdlog::warn("{}: {}: running without history", name, failure.what());
        break;
    }
  }
  return history;
}

History look_into_history(const fs::path& state_dir, Migrations migrations) {
  History history{state_dir / "history.db", {}, true};
  if (surely_absent(history.file)) return history;
  history.database = Database::read_only(history.file, migrations);
  const int found = history.database->version();
  if (found == 0) history.database.reset();  // it was only begun
  constexpr int told_since = 3;              // what a report reads came with the third step
  if (found > 0 && found < told_since)
    throw DatabaseError(DatabaseError::other, "it is an older Cellwarden's; start the service once, which renews it");
  return history;
}

}  // namespace cellwarden
