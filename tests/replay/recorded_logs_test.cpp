// Real recordings that do not belong to the project: CELLWARDEN_LOGS names their folder, else nothing is tested here.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/replay/replayed.h"

using namespace cellwarden;

TEST_CASE("recorded logs: every row of every file is read") {
  const char* folder = std::getenv("CELLWARDEN_LOGS");
  if (folder == nullptr) {
    MESSAGE("skipped: CELLWARDEN_LOGS names no folder");
    return;
  }
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".csv") continue;
    CAPTURE(entry.path());
    ++files;
    std::ifstream in(entry.path()), again(entry.path());
    std::uint64_t lines = 0;
    for (std::string line; std::getline(again, line);) ++lines;
    const auto recording = open_recording(in);
    double before = -1;
    for (Reading reading; recording->next(reading);) {
      REQUIRE(reading.steady_s >= before);
      before = reading.steady_s;
      for (const auto& cell : reading.cells_v) REQUIRE((!cell || (*cell > 0.5 && *cell < 5)));
      REQUIRE(summarise(reading.cells_v));
    }
    CHECK(recording->rows() == lines - 1);
    CHECK(recording->skipped() == 0);
    CHECK(recording->bytes() == std::filesystem::file_size(entry.path()));
  }
  CHECK(files > 0);
}
