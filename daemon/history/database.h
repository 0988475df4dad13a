#pragma once
// SQLite as this house needs it; database.cpp is the one place that includes sqlite3.h.
//
// WAL with synchronous = FULL: a commit appends to the log and is on the card when it returns; the file itself is
// written at a checkpoint, days later. `user_version` counts the migrations that the file has seen.
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace cellwarden {

struct DatabaseError : std::runtime_error {
  enum Kind { damaged, newer, busy, unwritable, other } kind;
  DatabaseError(Kind of, const std::string& what) : runtime_error(what), kind(of) {}
};

/// One prepared statement. Columns count from 0, parameters from 1, as in SQLite.
class Statement {
 public:
  Statement& bind(int n, std::string_view text);
  Statement& bind(int n, double value);
  Statement& bind_blob(int n, std::string_view bytes);
  /// True while there is a row.
  bool step();
  /// Ready to be bound and run again.
  void reset();
  std::string text(int column) const;
  std::string blob(int column) const;
  double real(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* made);
  void check(int code) const;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// Each step is one list of statements; once released it never changes, a later one is added below it.
using Migrations = std::span<const char* const>;

/// Whatever SQLite refuses is thrown as DatabaseError.
class Database {
 public:
  /// Opens or creates `file` and brings it to the last migration, each in a transaction of its own.
  Database(const std::filesystem::path& file, Migrations migrations);
  /// The same file where nothing can be written, not even the log beside it.
  static Database read_only(const std::filesystem::path& file, Migrations migrations);

  void execute(const char* statements);
  Statement prepare(std::string_view sql);
  bool writable() const { return writable_; }
  /// How many migrations it has seen; 0: it holds nothing.
  int version();

 private:
  friend class Transaction;
  explicit Database(sqlite3* opened, int code);
  void refuse_newer(Migrations migrations);
  void migrate(Migrations migrations);
  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::unique_ptr<sqlite3, Close> database_;
  bool writable_ = true;
};

/// All or nothing: rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace cellwarden
