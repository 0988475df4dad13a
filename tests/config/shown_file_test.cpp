// config/cellwarden.toml shows every setting there is, and what it shows is the default.
#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "config/config.h"

using namespace cellwarden;

namespace {

std::string shown_file() {
  std::ifstream in(SHOWN_FILE);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Config right(const std::string& text) {
  const auto read = parse_config(text, "cellwarden.toml");
  if (const auto* faults = std::get_if<1>(&read)) {
    for (const auto& fault : *faults) MESSAGE(fault.text());
  }
  REQUIRE(std::holds_alternative<Config>(read));
  return std::get<Config>(read);
}

/// The text with its commented-out settings in force.
std::string all_in_force(const std::string& text) {
  return std::regex_replace(text, std::regex("(^|\n)# (\\[\\[|[a-z0-9_]+ = )"), "$1$2");
}

/// Section header -> the keys shown under it.
std::map<std::string, std::set<std::string>> shown_keys() {
  std::map<std::string, std::set<std::string>> keys;
  std::istringstream lines(shown_file());
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (std::regex_search(line, found, std::regex("^(# )?(\\[.*\\])"))) section = found[2];
    if (std::regex_search(line, found, std::regex("^(# )?([a-z0-9_]+) = "))) keys[section].insert(found[2]);
  }
  return keys;
}

/// The reader's own list, out of its fault on a key like no other.
std::set<std::string> known_keys(const std::string& section) {
  const std::string one = "protocol = \"jbd\"\nlink = \"serial:/dev/x\"\n",
                    other = "protocol = \"jbd\"\nlink = \"serial:/dev/y\"\n";
  std::string pack = "[[pack]]\nid = \"a\"\n" + one;
  if (section == "[[bank]]") {
    pack += "[[pack]]\nid = \"b\"\n" + other + "[[bank]]\nid = \"c\"\npacks = [\"a\", \"b\"]\njoined = \"series\"\n";
  }
  const auto text = section.starts_with("[[") ? pack + "qqqqqqqq = 1\n" : pack + section + "\nqqqqqqqq = 1\n";
  const auto read = parse_config(text, "t");
  const auto& faults = std::get<1>(read);
  REQUIRE(faults.size() == 1);
  const auto at = faults[0].what.find("known are ");
  REQUIRE(at != std::string::npos);
  std::set<std::string> keys;
  std::istringstream words(faults[0].what.substr(at + 10));
  for (std::string word; words >> word;) keys.insert(word.substr(0, word.find(',')));
  return keys;
}

}  // namespace

TEST_CASE("cellwarden.toml: what it shows in force is the default") {
  const auto config = right(shown_file());
  REQUIRE(config.mqtt);
  CHECK(*config.mqtt == MqttConfig{});
  CHECK(config.home_assistant == HomeAssistantConfig{});
  CHECK(config.bluetooth == BluetoothConfig{});
  CHECK(config.service == ServiceConfig{});
  REQUIRE(config.packs.size() == 1);
  auto expected = PackConfig{};
  const auto& pack = config.packs[0];
  expected.id = pack.id, expected.name = pack.name, expected.protocol = pack.protocol, expected.link = pack.link;
  CHECK(pack == expected);
}

TEST_CASE("cellwarden.toml: its commented-out examples are right too") {
  auto text = all_in_force(shown_file());
  text = std::regex_replace(text, std::regex("mqtt://"), "mqtts://");
  text = std::regex_replace(text, std::regex("username = \"\""), "username = \"bob\"");
  text += "[[pack]]\nid = \"house-2\"\nprotocol = \"jbd\"\nlink = \"serial:/dev/x\"\n";  // the shown bank's other one
  const auto config = right(text);
  REQUIRE(config.banks.size() == 1);
  CHECK(config.banks[0].name == "House");
  CHECK(config.banks[0].packs == std::vector<std::string>{"house-1", "house-2"});
  CHECK(!config.mqtt->ca_file.empty());
  CHECK(config.packs[0].limits.cell_ovp_v);
  CHECK(config.packs[0].charger.absorption_time);
  CHECK(config.packs[0].alerts.cell_delta_mv == 50);
}

TEST_CASE("cellwarden.toml: every setting the reader knows stands in it, and no other") {
  const auto shown = shown_keys();
  const std::set<std::string> tables = {"charger", "load", "limits", "balancer", "analysis", "alerts"};
  for (const std::string section :
       {"[mqtt]", "[home_assistant]", "[[pack]]", "[pack.charger]", "[pack.load]", "[pack.limits]", "[pack.balancer]",
        "[pack.analysis]", "[pack.alerts]", "[[bank]]", "[bluetooth]", "[service]"}) {
    CAPTURE(section);
    auto known = known_keys(section);
    if (section == "[[pack]]") {
      for (const auto& table : tables) CHECK(known.erase(table) == 1);
    }
    REQUIRE(shown.contains(section));
    CHECK(shown.at(section) == known);
  }
  CHECK(shown.size() == 12);
}
