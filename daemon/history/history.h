#pragma once
// state_dir/history.db, opened or done without: the service runs in any case. What is wrong with it is said here, once.
//
//   damaged                     set aside as history.db.damaged-<date>, a new one is begun
//   from a newer Cellwarden     left alone, and done without
//   cannot be written           read for what it holds; nothing new is kept
#include <optional>

#include "daemon/history/database.h"
#include "protocols/battery.h"

namespace cellwarden {

struct History {
  std::filesystem::path file;
  std::optional<Database> database;  ///< empty: done without
  bool known = true;                 ///< false: there is a history, and it cannot be read
};

/// The tables, from the first one on.
Migrations history_schema();

History open_history(const std::filesystem::path& state_dir, Migrations schema, UtcTime now);

/// Only to be looked at, beside a running service or without: nothing is written and nothing set aside. No database:
/// there is none yet. Throws DatabaseError.
History look_into_history(const std::filesystem::path& state_dir, Migrations schema);

}  // namespace cellwarden
