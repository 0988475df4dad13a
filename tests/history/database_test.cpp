#include "daemon/history/database.h"

#include <doctest/doctest.h>

#include "tests/support/temporary_directory.h"

using namespace cellwarden;
using test::TemporaryDirectory;

namespace {

constexpr const char* first[] = {"CREATE TABLE a(x REAL); INSERT INTO a VALUES(1)"};
constexpr const char* second[] = {first[0], "ALTER TABLE a ADD COLUMN y TEXT DEFAULT 'new'; UPDATE a SET x = x + 1"};
constexpr const char* broken[] = {first[0], "UPDATE a SET x = 99; CREATE TABLE a(z)"};

double x_of(Database& database) {
  auto row = database.prepare("SELECT x FROM a");
  REQUIRE(row.step());
  return row.real(0);
}

}  // namespace

TEST_CASE("database: each migration is made once, in its order, and keeps what is there") {
  TemporaryDirectory directory;
  const auto file = directory.path / "a.db";
  for (int open = 0; open < 2; ++open) {
    Database database(file, first);
    CHECK(database.version() == 1);
    CHECK(x_of(database) == 1);
  }
  for (int open = 0; open < 2; ++open) {
    Database database(file, second);
    CHECK(database.version() == 2);
    CHECK(x_of(database) == 2);
    auto row = database.prepare("SELECT y FROM a");
    CHECK(row.step());
    CHECK(row.text(0) == "new");
  }
}

TEST_CASE("database: a migration that fails leaves everything as it was") {
  TemporaryDirectory directory;
  const auto file = directory.path / "a.db";
  { Database database(file, first); }
  CHECK_THROWS_AS(Database(file, broken), DatabaseError);
  Database database(file, first);
  CHECK(database.version() == 1);
  CHECK(x_of(database) == 1);
}

TEST_CASE("database: a file from a newer version is refused and not touched") {
  TemporaryDirectory directory;
  const auto file = directory.path / "a.db";
  { Database database(file, second); }
  for (const bool writing : {true, false}) {
    try {
      writing ? Database(file, first) : Database::read_only(file, first);
      FAIL("opened");
    } catch (const DatabaseError& refused) {
      CHECK(refused.kind == DatabaseError::newer);
      CHECK(std::string(refused.what()) == "its schema is version 2, this Cellwarden knows up to 1");
    }
  }
  Database database(file, second);
  CHECK(x_of(database) == 2);
}

TEST_CASE("database: what was not committed is gone, also by an exception") {
  TemporaryDirectory directory;
  Database database(directory.path / "a.db", first);
  try {
    Transaction transaction(database);
    database.execute("UPDATE a SET x = 5");
    database.execute("nonsense");
    transaction.commit();
    FAIL("committed");
  } catch (const DatabaseError& refused) {
    CHECK(refused.kind == DatabaseError::other);
  }
  CHECK(x_of(database) == 1);
  Transaction transaction(database);
  database.execute("UPDATE a SET x = 6");
  transaction.commit();
  CHECK(x_of(database) == 6);
}

TEST_CASE("database: commits are flushed to the log; the file and its directory are written rarely") {
  TemporaryDirectory directory;
  Database database(directory.path / "a.db", first);
  auto mode = database.prepare("PRAGMA journal_mode"), flush = database.prepare("PRAGMA synchronous");
  REQUIRE(mode.step());
  REQUIRE(flush.step());
  CHECK(mode.text(0) == "wal");
  CHECK(flush.real(0) == 2);  // FULL
}

TEST_CASE("database: a file without its log is read where nothing can be written beside it") {
  TemporaryDirectory directory;
  const auto odd_name = directory.path / "50% ?#.db";
  { Database database(odd_name, first); }
  auto database = Database::read_only(odd_name, first);
  CHECK_FALSE(database.writable());
  CHECK(x_of(database) == 1);
  CHECK_THROWS_AS(database.execute("UPDATE a SET x = 5"), DatabaseError);
  CHECK_FALSE(std::filesystem::exists(odd_name.string() + "-wal"));
}
