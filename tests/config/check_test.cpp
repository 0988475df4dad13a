// `cellwarden check`: faults to one stream, the summary to the other, and the exit code.
#include "daemon/commands/check.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

using namespace cellwarden;

namespace {

struct Outcome {
  int code;
  std::string out, err;
};

Outcome check_text(const std::string& text) {
  const auto file = std::filesystem::temp_directory_path() / ("check_test." + std::to_string(getpid()) + ".toml");
  std::ofstream(file) << text;
  std::ostringstream out, err;
  const int code = check_config(file, out, err);
  std::filesystem::remove(file);
  const auto unnamed = [&](std::string said) {
    for (std::size_t at; (at = said.find(file.string())) != std::string::npos;)
      said.replace(at, file.string().size(), "F");
    return said;
  };
  return {code, unnamed(out.str()), unnamed(err.str())};
}

const std::string pack = "[[pack]]\nid = \"a\"\nprotocol = \"jbd\"\nlink = \"serial:/dev/ttyUSB0\"\n";

}  // namespace

TEST_CASE("check: a right file is summed up, exit code 0") {
  const auto [code, out, err] = check_text("[mqtt]\n" + pack);
  CHECK(code == 0);
  CHECK(out ==
        "F: no faults\n"
        "broker: mqtt://localhost:1883, topics under cellwarden\n"
        "pack a: jbd on serial:/dev/ttyUSB0, every 2 s\n");
  CHECK(err.empty());
}

TEST_CASE("check: every fault on a line of its own, exit code 2") {
  const auto [code, out, err] = check_text(pack + "pol = 2\nrs485 = 1\n");
  CHECK(code == 2);
  CHECK(out.empty());
  CHECK(err ==
        "F:5:1: unknown key \"pol\" in [[pack]]; did you mean \"poll\"?\n"
        "F:6:9: \"rs485\" is a whole number, but must be true or false, without quotes\n");
}
