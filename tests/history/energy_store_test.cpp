// The store on real files: what it holds over a restart, and what it says when it cannot.
#include "daemon/history/energy_store.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "tests/support/log.h"
#include "tests/support/temporary_directory.h"

using namespace cellwarden;
using test::Log, test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

const UtcTime now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25) + std::chrono::hours(7);

struct Places {
  TemporaryDirectory directory;
  fs::path state = directory.path / "state", runtime = directory.path / "runtime";

  fs::path database() const { return state / "history.db"; }
  EnergyStore open(Migrations schema = history_schema()) const { return {open_history(state, schema, now), runtime}; }
  Energies held() const { return open().before(); }
};

/// Root may write everywhere; what follows is done by nobody.
class AsNobody {
 public:
  explicit AsNobody(const fs::path& theirs) : root_(geteuid() == 0) {
    if (!root_) return;
    for (const auto& entry : fs::recursive_directory_iterator(theirs)) give(entry.path());
    give(theirs);
    if (seteuid(nobody) != 0) throw std::runtime_error("seteuid");
  }
  ~AsNobody() {
    if (root_ && seteuid(0) != 0) std::abort();
  }
  AsNobody(const AsNobody&) = delete;

 private:
  static constexpr uid_t nobody = 65534;
  static void give(const fs::path& path) {
    if (chown(path.c_str(), nobody, static_cast<gid_t>(-1)) != 0) throw std::runtime_error("chown");
  }
  bool root_;
};

/// No file grows beyond `bytes`: to a program much like a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : signal_before_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, signal_before_);
  }
  FullDisk(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*signal_before_)(int);
};

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> set_aside(const fs::path& state) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(state))
    if (entry.path().filename().string().find(".damaged-") != std::string::npos) found.push_back(entry.path());
  return found;
}

const Energies one = {{"house-1", {1.25, 2.5}}};

}  // namespace

TEST_CASE("store: nothing is known at first, and everything after a restart") {
  Places places;
  Log log;
  CHECK(places.held().empty());
  const Energies two = {{"house-1", {1.0 / 3, 1e5}}, {"van.2_b-c", {0, 1e-7}}};
  places.open().save(two, now);
  CHECK(places.held() == two);
  CHECK(log.text().empty());

  Database database(places.database(), history_schema());
  CHECK(database.version() == static_cast<int>(history_schema().size()));
  auto row = database.prepare("SELECT saved_at FROM energy");
  REQUIRE(row.step());
  CHECK(row.text(0) == "2026-11-25T07:00:00.000Z");
}

TEST_CASE("store: of each counter the larger of both places is gone on with") {
  Places places;
  {
    auto store = places.open();
    store.save({{"a", {10, 1}}, {"saved", {3, 4}}}, now);
    store.keep({{"a", {9, 2}}, {"kept", {5, 6}}});
  }
  CHECK(places.held() == Energies{{"a", {10, 2}}, {"saved", {3, 4}}, {"kept", {5, 6}}});
}

TEST_CASE("store: a counter in the database never goes down, and one that is no number is not taken") {
  Places places;
  places.open().save({{"a", {10, 20}}}, now);
  places.open().save({{"a", {9, 21}}}, now);
  CHECK(places.held() == Energies{{"a", {10, 21}}});
  places.open().save({{"a", {11, 19}}}, now);
  CHECK(places.held() == Energies{{"a", {11, 21}}});
  Log log;
  places.open().save({{"a", {std::nan(""), 22}}}, now);
  CHECK(places.held() == Energies{{"a", {11, 21}}});
  CHECK(log.times("history.db") == 1);
}

TEST_CASE("store: a pack that did not change is not written") {
  Places places;
  auto store = places.open();
  store.save(one, now);
  const fs::path log = places.database().string() + "-wal";
  const auto size = fs::file_size(log);
  store.save(one, now);
  CHECK(fs::file_size(log) == size);
  store.save({{"house-1", {1.25, 2.75}}}, now);
  CHECK(fs::file_size(log) > size);
}

TEST_CASE("store: a broken file in the runtime directory is no more than said") {
  for (const char* text : {"", "{\"house-1\":", "[1]", "{\"house-1\":{\"charged_kwh\":\"much\"}}", "{\"house-1\":7}"}) {
    CAPTURE(text);
    Places places;
    places.open().save(one, now);
    std::ofstream(places.runtime / "energy.json") << text;
    Log log;
    CHECK(places.held() == one);
    CHECK(log.times("energy.json") == 1);
  }
  Places places;
  places.open().save(one, now);
  std::ofstream(places.runtime / "energy.json") << R"({"house-1":{"charged_kwh":-7,"discharged_kwh":1e9}})";
  CHECK(places.held() == one);
}

TEST_CASE("history: a file from a newer Cellwarden is left alone, and nothing is counted from 0") {
  Places places;
  places.open().save(one, now);
  std::vector<const char*> newer(history_schema().begin(), history_schema().end());
  newer.push_back("ALTER TABLE energy ADD COLUMN more TEXT");
  { Database database(places.database(), newer); }
  const std::string before = content(places.database());
  Log log;
  auto store = places.open();
  CHECK_FALSE(store.knows_before());
  store.save(one, now);
  CHECK(log.times("history.db was written by a newer Cellwarden") == 1);
  CHECK(content(places.database()) == before);
}

TEST_CASE("history: a damaged file is set aside with its log, and a new one is begun") {
  struct Damage {
    const char* name;
    void (*make)(const fs::path&);
  };
  const Damage damages[] = {
      {"no database at all", [](const fs::path& file) { std::ofstream(file) << std::string(4096, 'x'); }},
      {"a page overwritten",
       [](const fs::path& file) {
         std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
         out.seekp(4096);
         out << std::string(4096, '\xA5');
       }},
      {"cut short", [](const fs::path& file) { fs::resize_file(file, 4096); }},
  };
  for (const auto& [name, make] : damages) {
    CAPTURE(name);
    Places places;
    places.open().save(one, now);
    make(places.database());
    std::ofstream(places.database().string() + "-wal") << "what the log held";
    Log log;
    {
      auto store = places.open();
      CHECK(store.knows_before());
      CHECK(store.before().empty());
      store.save({{"house-1", {7, 8}}}, now);
    }
    CHECK(log.times("was damaged") == 1);
    CHECK(fs::exists(places.state / "history.db.damaged-2026-11-25T070000"));
    CHECK(set_aside(places.state).size() >= 1);
    CHECK(places.held() == Energies{{"house-1", {7, 8}}});
    CHECK(log.times("was damaged") == 1);
  }
}

TEST_CASE("history: after a damaged file the counters go on from the runtime directory") {
  Places places;
  {
    auto store = places.open();
    store.save(one, now);
    store.keep(one);
  }
  std::ofstream(places.database()) << std::string(100, 'x');
  CHECK(places.held() == one);
}

TEST_CASE("history: where nothing can be written the counters go on in memory, and it is said once") {
  Places places;
  places.open().save(one, now);
  const auto locked = fs::perms::owner_read | fs::perms::owner_exec;
  Energies held = one;
  SUBCASE("from what the file holds") {}
  SUBCASE("from what the file and its log hold, after a crash") {
    auto store = places.open();
    held = {{"house-1", {1.5, 3}}};
    store.save(held, now);
    fs::copy(places.state, places.directory.path / "crashed");
    places.state = places.directory.path / "crashed";
  }
  SUBCASE("from 0, where there is none") {
    fs::remove(places.database());
    held.clear();
  }
  AsNobody nobody(places.directory.path);
  for (const auto& entry : fs::directory_iterator(places.state)) fs::permissions(entry.path(), fs::perms::owner_read);
  fs::permissions(places.state, locked);
  fs::create_directory(places.runtime);
  fs::permissions(places.runtime, locked);

  Log log;
  auto store = places.open();
  CHECK(store.knows_before());
  CHECK(store.before() == held);
  for (int n = 0; n < 3; ++n) store.keep(one), store.save(one, now);
  CHECK(log.times("history.db") == 1);
  CHECK(log.times("energy.json") == 1);
  for (const auto& path : {places.state, places.runtime}) fs::permissions(path, fs::perms::owner_all);
}

TEST_CASE("history: a full disk while running is said once, and once when it is over") {
  Places places;
  auto store = places.open();
  store.save(one, now);
  Log log;
  auto grow = [&, n = 0.0](int times) mutable {
    for (int i = 0; i < times; ++i) {
      store.save({{"house-1", {2 + n, 3}}}, now);
      n += 1;
    }
  };
  {
    FullDisk full(fs::file_size(places.database().string() + "-wal") + 100);
    grow(5);
    CHECK(log.times("history.db") == 1);
    CHECK(log.times("until it can be written") == 1);
  }
  CHECK(places.held() == one);
  grow(2);
  CHECK(log.times("is written again") == 1);
  CHECK(places.held() == Energies{{"house-1", {8, 3}}});
}

TEST_CASE("history: a full disk at the start") {
  Places places;
  SUBCASE("from what the file holds") { places.open().save(one, now); }
  SUBCASE("from 0, where there is none") { fs::create_directory(places.state); }
  const bool held = fs::exists(places.database());
  Log log;
  {
    FullDisk full(0);
    auto store = places.open();
    CHECK(store.knows_before());
    CHECK(store.before() == (held ? one : Energies{}));
    for (int n = 0; n < 3; ++n) store.save({{"house-1", {5.0 + n, 5}}}, now);
    CHECK(log.times("history.db") == 1);
    for (int n = 0; n < 3; ++n) store.keep(one);
    CHECK(log.times("energy.json") == 1);
  }
  CHECK(places.held() == (held ? one : Energies{}));
  CHECK(set_aside(places.state).empty());
}

TEST_CASE("history: a file that may not be read is not taken for an empty one") {
  Places places;
  places.open().save(one, now);
  AsNobody nobody(places.directory.path);
  SUBCASE("the file") { fs::permissions(places.database(), fs::perms::none); }
  SUBCASE("its directory") { fs::permissions(places.state, fs::perms::none); }
  Log log;
  auto store = places.open();
  CHECK_FALSE(store.knows_before());
  CHECK(log.times("running without history") == 1);
  fs::permissions(places.state, fs::perms::owner_all);
}
