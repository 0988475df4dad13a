#include "daemon/history/database.h"

#include <sqlite3.h>

namespace cellwarden {

namespace {

/// How long another program may hold the file: at the start nothing waits for us, later every pack does.
constexpr int busy_at_start_ms = 5000, busy_ms = 500;

DatabaseError::Kind kind_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return DatabaseError::damaged;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return DatabaseError::busy;
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return DatabaseError::unwritable;
    default:
      return DatabaseError::other;
  }
}

[[noreturn]] void fail(sqlite3* database) {
  throw DatabaseError(kind_of(sqlite3_extended_errcode(database)), sqlite3_errmsg(database));
}

sqlite3* open_file(const std::string& name, int flags, int& code) {
  sqlite3* opened = nullptr;
  code = sqlite3_open_v2(name.c_str(), &opened, flags, nullptr);
  return opened;
}

/// `file` as SQLite's URI: what would end the path there is escaped.
std::string uri_of(const std::filesystem::path& file) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    if (c == '%') {
      uri += "%25";
    } else if (c == '?') {
      uri += "%3f";
    } else if (c == '#') {
      uri += "%23";
    } else {
      uri += c;
    }
  }
  return uri;
}

}  // namespace

Statement::Statement(sqlite3_stmt* made) : statement_(made) {}
void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::check(int code) const {
  if (code != SQLITE_OK) fail(sqlite3_db_handle(statement_.get()));
}

Statement& Statement::bind(int n, std::string_view text) {
  check(sqlite3_bind_text(statement_.get(), n, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind(int n, double value) {
  check(sqlite3_bind_double(statement_.get(), n, value));
  return *this;
}

Statement& Statement::bind_blob(int n, std::string_view bytes) {
  check(sqlite3_bind_blob(statement_.get(), n, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail(sqlite3_db_handle(statement_.get()));
  return false;
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

std::string Statement::text(int column) const {
  const auto* characters = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return characters ? characters : "";
}

std::string Statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))) : "";
}

double Statement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }
bool Statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

Database::Database(sqlite3* opened, int code) : database_(opened) {
  if (!opened) throw DatabaseError(DatabaseError::other, "no memory for it");
  if (code != SQLITE_OK) fail(opened);
}

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Database::Database(const std::filesystem::path& file, Migrations migrations) {
  int code = SQLITE_OK;
  *this = Database(open_file(file.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, code), code);
  sqlite3_busy_timeout(database_.get(), busy_at_start_ms);
  refuse_newer(migrations);
  auto check = prepare("PRAGMA quick_check(1)");
  check.step();
  if (check.text(0) != "ok") throw DatabaseError(DatabaseError::damaged, check.text(0));
  check.reset();
  execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  migrate(migrations);
  sqlite3_busy_timeout(database_.get(), busy_ms);
  if (sqlite3_db_readonly(database_.get(), "main") == 1)
    throw DatabaseError(DatabaseError::unwritable, "the file is read-only");
}

Database Database::read_only(const std::filesystem::path& file, Migrations migrations) {
  // Without a log everything is in the file. SQLite would still want to begin a log, unless told that nobody writes.
  std::error_code none;
  const auto log_size = std::filesystem::file_size(file.string() + "-wal", none);
  const std::string uri = uri_of(file) + (none || log_size == 0 ? "?immutable=1" : "");
  int code = SQLITE_OK;
  Database database(open_file(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, code), code);
  database.writable_ = false;
  database.refuse_newer(migrations);
  return database;
}

void Database::execute(const char* statements) {
  if (sqlite3_exec(database_.get(), statements, nullptr, nullptr, nullptr) != SQLITE_OK) fail(database_.get());
}

Statement Database::prepare(std::string_view sql) {
  sqlite3_stmt* made = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &made, nullptr) != SQLITE_OK)
    fail(database_.get());
  return Statement(made);
}

int Database::version() {
  auto ask = prepare("PRAGMA user_version");
  ask.step();
  return static_cast<int>(ask.real(0));
}

void Database::refuse_newer(Migrations migrations) {
  const int known = static_cast<int>(migrations.size()), found = version();
  if (found > known) {
    throw DatabaseError(DatabaseError::newer, "its schema is version " + std::to_string(found) +
                                                  ", this Cellwarden knows up to " + std::to_string(known));
  }
}

void Database::migrate(Migrations migrations) {
  for (auto done = static_cast<std::size_t>(version()); done < migrations.size(); ++done) {
    Transaction step(*this);
    execute(migrations[done]);
    execute(("PRAGMA user_version = " + std::to_string(done + 1)).c_str());
    step.commit();
  }
}

Transaction::Transaction(Database& database) : database_(database) { database_.execute("BEGIN IMMEDIATE"); }

Transaction::~Transaction() {
  // SQLite may have rolled back by itself, on a full disk for one: then there is nothing left to roll back.
  if (open_) sqlite3_exec(database_.database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace cellwarden
