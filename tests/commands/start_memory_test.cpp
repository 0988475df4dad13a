#include "daemon/commands/start_memory.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <numeric>
#include <sstream>
#include <string>

namespace {

/// Read-only, and as large as nothing else beside it.
constexpr auto table = [] {
  std::array<std::uint32_t, 262144> all{};
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i * 2654435761U;
  return all;
}();

std::uint64_t sum() { return std::accumulate(table.begin(), table.end(), std::uint64_t{0}); }

/// Of the mapping that holds `address`.
double resident_kb(const void* address) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  std::ifstream file("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::uintptr_t from = 0, to = 0;
    char dash = 0;
    std::string key;
    double kb = 0;
    if (words >> std::hex >> from >> dash >> to && dash == '-') inside = from <= wanted && wanted < to;
    words = std::istringstream(line);
    if (inside && words >> key >> kb && key == "Rss:") return kb;
  }
  return -1;
}

}  // namespace

TEST_CASE("start memory: what was read once is no longer resident, and reads the same when it is needed again") {
  const auto before = sum();
  REQUIRE(resident_kb(table.data()) >= 1024);
  cellwarden::give_back_start_memory();
  CHECK(resident_kb(table.data()) < 1024);
  CHECK(sum() == before);
}
