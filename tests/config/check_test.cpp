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

std::string ble_pack(const std::string& n, const std::string& more) {
  return "[[pack]]\nid = \"b" + n + "\"\nprotocol = \"jbd\"\nlink = \"ble:AA:00:00:00:00:0" + n + "\"\n" + more;
}

/// The lines that warn.
std::string warnings(const std::string& text) {
  const auto [code, out, err] = check_text(text);
  CHECK(code == 0);
  CHECK(err.empty());
  std::istringstream lines(out);
  std::string all;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("warning: ")) all += line + "\n";
  }
  return all;
}

}  // namespace

TEST_CASE("check: of a pack that is looked for it says where, and how long that takes") {
  const auto looked_for = [](const std::string& link, const std::string& more) {
    const auto [code, out, err] =
        check_text("[[pack]]\nid = \"a\"\nprotocol = \"auto\"\nlink = \"" + link + "\"\n" + more);
    CHECK(code == 0);
    CHECK(err == "");
    return out;
  };
  const auto wired = looked_for("serial:/dev/ttyUSB0", "baud = 9600\n");
  CHECK(wired.find("is looked for when the service first starts: jbd, ") != std::string::npos);
  CHECK(wired.find("daly-a5 (addresses 1 to 16)") != std::string::npos);
  CHECK(wired.find("at 9600 baud; at most ") != std::string::npos);
  CHECK(looked_for("ble:AA:BB:CC:DD:EE:FF", "").find("jk-ble, ") != std::string::npos);
  CHECK(looked_for("serial:/dev/ttyUSB0", "[[pack]]\nid = \"b\"\nprotocol = \"jbd\"\nlink = \"serial:/dev/ttyUSB0\"\n")
            .find("only at the baud rate of the packs beside it") != std::string::npos);
}

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

TEST_CASE("check: a link made for each reading wants a poll that is neither too quick nor too slow") {
  const auto warned = [](const std::string& poll) {
    return warnings(ble_pack("1", "mode = \"per-poll\"\npoll = \"" + poll + "\"\n"));
  };
  const auto begins = [](const std::string& poll) {
    return "warning: pack b1 has mode = \"per-poll\" and poll = " + poll + " s; ";
  };
  CHECK(warned("14s") ==
        begins("14") + "connecting alone takes 5 to 10 s: write poll = \"15s\" or more, or mode = \"keep\"\n");
  for (const auto* good : {"15s", "30s"}) CHECK(warned(good).empty());
  for (const auto* slow : {"31s", "60s"}) CHECK(warned(slow).find("at most 30 s is better") != std::string::npos);
  CHECK(warned("61s").starts_with(begins("61") + "over 60 s no energy is counted"));
  CHECK(warnings(ble_pack("1", "poll = \"5m\"\n")).empty());  // kept
}

TEST_CASE("check: more kept links than an adapter is given are warned of") {
  const std::string two = "[bluetooth]\nmax_links = 2\n";
  const std::string hci1 = "adapter = \"hci1\"\n";
  CHECK(warnings(two + ble_pack("1", "") + ble_pack("2", "")).empty());
  CHECK(warnings(two + ble_pack("1", "") + ble_pack("2", "") + ble_pack("3", "")) ==
        "warning: 3 packs keep their links on the first adapter, which is given 2 (max_links under [bluetooth]); the "
        "last to come stay offline: write mode = \"per-poll\" for some, or use a second adapter\n");
  CHECK(warnings(two + ble_pack("1", "") + ble_pack("2", "") + ble_pack("3", hci1)).empty());
  CHECK(warnings(two + ble_pack("1", hci1) + ble_pack("2", hci1) + ble_pack("3", hci1))
            .starts_with("warning: 3 packs keep their links on hci1, which is given 2"));
  CHECK(warnings(two + ble_pack("1", "") + ble_pack("2", "") + pack).empty());

  const std::string in_turn = "mode = \"per-poll\"\npoll = \"20s\"\n";
  CHECK(warnings(two + ble_pack("1", "") + ble_pack("2", in_turn) + ble_pack("3", in_turn)).empty());
  CHECK(
      warnings(two + ble_pack("1", "") + ble_pack("2", "") + ble_pack("3", in_turn))
          .ends_with("those with mode = \"per-poll\" find no place: write it for one more, or use a second adapter\n"));
}

TEST_CASE("check: a bank is summed up, and what its packs should have in common is warned of") {
  const auto bank = [](const std::string& joined, const std::string& a, const std::string& b) {
    return pack + a + "[[pack]]\nid = \"b\"\nprotocol = \"jbd\"\nlink = \"serial:/dev/ttyUSB1\"\n" + b +
           "[[bank]]\nid = \"house\"\npacks = [\"a\", \"b\"]\njoined = \"" + joined + "\"\n";
  };
  CHECK(check_text(bank("series", "", "")).out.ends_with("bank house: a b, in series\n"));

  const std::string lfp = "chemistry = \"lfp\"\n", nmc = "chemistry = \"nmc\"\n";
  CHECK(warnings(bank("parallel", lfp, lfp)).empty());
  CHECK(warnings(bank("parallel", lfp, "")).empty());
  CHECK(
      warnings(bank("parallel", lfp, nmc)) ==
      "warning: bank house: a and b are of different chemistry: in parallel one of them is never full, or too full\n");
  CHECK(warnings(bank("series", lfp, nmc)) ==
        "warning: bank house: a and b are of different chemistry: in series one ends each charge early\n");
  const std::string small = "capacity_ah = 100\n", large = "capacity_ah = 120\n";
  CHECK(warnings(bank("parallel", small, large)).empty());
  CHECK(warnings(bank("series", small, large)) ==
        "warning: bank house: a and b differ in capacity_ah: in series the smaller one sets what the bank holds\n");
  const std::string low = "charger = { absorption_v = 55.2 }\n", high = "charger = { absorption_v = 56 }\n";
  CHECK(warnings(bank("parallel", low, high)) ==
        "warning: bank house: a and b have different absorption_v, but in parallel one voltage charges both\n");
  CHECK(warnings(bank("series", low, high)).empty());
  CHECK(warnings(bank("series", "poll = 30\n", "poll = 31\n")) ==
        "warning: bank house: b is polled every 31 s; with more than 30 s the bank's current is often unknown\n");
}
