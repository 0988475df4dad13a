// `cellwarden replay`, the unchanged binary, on what cellwarden-sim wrote and on files by hand.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/commands/outcome.h"
#include "tests/protocols/dd_frame.h"
#include "tests/support/temporary_directory.h"

using namespace cellwarden;
using namespace cellwarden::test;
using nlohmann::json;

namespace {

struct Desk {
  TemporaryDirectory folder{in_memory()};

  std::string file(const std::string& name) const { return folder.path / name; }
  std::string text(const std::string& name) const {
    std::ifstream in(file(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(file(name)) << content;
    return file(name);
  }
  Outcome runs(const std::string& program, const std::string& arguments) const {
    const std::string command =
        "timeout 300 '" + program + "' " + arguments + " > " + file("out") + " 2> " + file("err");
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text("out"), text("err")};
  }
  Outcome replays(const std::string& arguments) const { return runs(CELLWARDEN, "replay " + arguments); }
  /// A simulated pack's days in pack.csv, its truth and its config.
  void simulates(const std::string& arguments) const {
    const Outcome done = runs(SIMULATOR, "--csv " + file("pack.csv") + " --truth " + file("truth") + " --config " +
                                             file("pack.toml") + " " + arguments);
    REQUIRE(done.exit_code == 0);
    REQUIRE(done.err == "");
  }
  /// How the last charge really ended.
  json last_charge() const {
    std::ifstream in(file("truth"));
    json last;
    for (std::string line; std::getline(in, line);) {
      if (auto object = json::parse(line); object.value("phase", "") == "charge") last = object;
    }
    REQUIRE(last.is_object());
    return last;
  }
};

const std::string header = "t_s,pack_v,current_a,cell_1_v,cell_2_v\n", row = "0,6.6,1.0,3.3,3.3\n";

std::string one_pack(const std::string& id) {
  return "[[pack]]\nid = \"" + id + "\"\nprotocol = \"jbd\"\nlink = \"serial:/dev/serial/by-id/" + id + "\"\n";
}

}  // namespace

TEST_CASE(
    "replay: what the simulator wrote, with its config: the runner is found, by how much, and that the BMS cuts") {
  const Desk desk;
  desk.simulates("--days 3 --kind offset=3:5 --cells 8 --interval 10 --seed 5");
  const Outcome done = desk.replays(desk.file("pack.csv") + " --config " + desk.file("pack.toml"));
  CHECK(done.exit_code == 0);
  CHECK(done.err == "");
  CHECK(std::ranges::count(done.out, '\n') == 1);
  const json insight = done.object(), truth = desk.last_charge();
  REQUIRE(insight.is_object());
  CHECK(truth["outcome"] == "bms");
  CHECK(insight["charge_verdict"] == "bms");
  CHECK(insight["first_full_cell"] == 3);
  REQUIRE(insight["offset_top_ah"].size() == 8);
  CHECK(insight["offset_top_ah"][2] == 0.0);
  for (std::size_t cell = 0; cell < 8; ++cell) {
    CAPTURE(cell);
    if (insight["offset_top_ah"][cell].is_null()) {  // never crossed a level: a bound, and it holds
      CHECK(insight["offset_top_at_least_ah"][cell].get<double>() <= truth["offset_top_ah"][cell].get<double>() + 0.5);
    } else {
      const double error_ah = insight["offset_top_ah"][cell].get<double>() - truth["offset_top_ah"][cell].get<double>();
      CHECK(std::abs(error_ah) < 0.02 * 280);
    }
  }

  desk.simulates("--days 3 --kind balanced --cells 8 --interval 10 --seed 5");
  const json calm = desk.replays(desk.file("pack.csv") + " --config " + desk.file("pack.toml")).object();
  CHECK(desk.last_charge()["outcome"] == "charger");
  CHECK(calm["charge_verdict"] == "charger");
  CHECK(calm["offset_top_spread_pct"].get<double>() < 0.5);
}

TEST_CASE("replay: --events tells each alert when it came, before the insight, which stays the same") {
  const Desk desk;
  desk.simulates("--days 2 --kind offset=3:5 --cells 8 --interval 10 --seed 5");
  const std::string arguments = desk.file("pack.csv") + " --config " + desk.file("pack.toml");
  const Outcome quiet = desk.replays(arguments), told = desk.replays(arguments + " --events");
  CHECK(told.exit_code == 0);
  CHECK(told.out.ends_with(quiet.out));
  std::istringstream lines(told.out.substr(0, told.out.size() - quiet.out.size()));
  double before_s = 0, near_s = 0;
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    const json event = json::parse(line);
    CHECK(event["t_s"].get<double>() >= before_s);
    before_s = event["t_s"];
    CHECK(event["pack"] == "scenario");
    CHECK((event["event_type"] == "alarm_raised" || event["event_type"] == "alarm_cleared"));
    if (near_s == 0 && event["alarm"] == "cell_near_ovp") {
      near_s = before_s;
      CHECK(event["event_type"] == "alarm_raised");
      CHECK(event["level"] == "warn");
      CHECK(event["cell"] == 3);
      CHECK(event["value"].get<double>() > 3.6);
    }
  }
  CHECK(near_s > 0);

  std::string config = desk.text("pack.toml") + "alerts = { cell_near_ovp_mv = 1, cell_near_ovp_clear_mv = 2 }\n";
  const Outcome later = desk.replays(desk.file("pack.csv") + " --events --config " + desk.write("late.toml", config));
  CHECK(later.exit_code == 0);
  CHECK(std::ranges::count(later.out, '\n') < std::ranges::count(told.out, '\n'));
  CHECK(near_s < desk.last_charge()["t_s"].get<double>());
}

TEST_CASE("replay: from standard input, and the same twice") {
  const Desk desk;
  desk.simulates("--days 1 --kind offset=2:5 --cells 4 --interval 20 --seed 1");
  const std::string config = " --config " + desk.file("pack.toml");
  const Outcome named = desk.replays(desk.file("pack.csv") + config);
  const Outcome piped = desk.replays("-" + config + " < " + desk.file("pack.csv"));
  CHECK(named.exit_code == 0);
  CHECK(named.object()["first_full_cell"] == 2);
  CHECK(piped.out == named.out);
}

TEST_CASE("replay: without a config nothing is made up") {
  const Desk desk;
  const Outcome done = desk.replays(desk.write("a.csv", header + row));
  CHECK(done.exit_code == 0);
  const json insight = done.object();
  CHECK(insight["charge_verdict"].is_null());
  CHECK(insight["reason"].contains("charge_verdict"));
  CHECK(insight["usable_ah"].is_null());
}

TEST_CASE("replay: rows that cannot be read are counted on standard error") {
  const Desk desk;
  const Outcome done = desk.replays(desk.write("a.csv", header + row + "10,6.6\n20,x,1,3.3,3.3\n30,6.6,1,3.3,3.3\n"));
  CHECK(done.exit_code == 0);
  CHECK(std::ranges::count(done.err, '\n') == 1);
  CHECK(done.err.find("2 of 4 rows") != std::string::npos);
  CHECK(done.err.find("line 3") != std::string::npos);
}

TEST_CASE("replay: nothing that can be read is 1; no recording, config or pack is 2, with one line") {
  const Desk desk;
  CHECK(desk.replays(desk.write("empty.csv", header)).exit_code == 1);
  const std::string good = desk.write("good.csv", header + row);
  const std::string two = desk.write("two.toml", one_pack("a") + one_pack("b"));
  const std::string capture = desk.write("capture", "# cellwarden capture 1\n1.0 < DD\n");
  for (const std::string& wrong :
       {desk.file("nowhere.csv"), desk.folder.path.string(), desk.write("none", ""), desk.write("words", "no header\n"),
        good + " --config " + two, good + " --config " + two + " --pack c", capture, capture + " --protocol xyz",
        good + " --config " + desk.write("wrong.toml", "[[pack]\n")}) {
    CAPTURE(wrong);
    const Outcome done = desk.replays(wrong);
    CHECK(done.exit_code == 2);
    CHECK(done.out == "");
    CHECK(std::ranges::count(done.err, '\n') == 1);
  }
  CHECK(desk.replays(good + " --config " + two + " --pack b").exit_code == 0);
  CHECK(desk.replays(good + " --pack b").exit_code == 2);
}

TEST_CASE("replay: a capture is decoded by its protocol, named or the pack's") {
  const auto line = [](const std::string& start, const Buffer& bytes) {
    std::string text = start;
    char two[8];
    for (const auto byte : bytes)
      text.append(two, static_cast<std::size_t>(std::snprintf(two, sizeof two, " %02X", byte)));
    return text + "\n";
  };
  const Desk desk;
  const std::string capture =
      desk.write("capture", "# cellwarden capture 1\n" + line("1.0 <", dd_reply(0x03, BasicInfoData{}.bytes())) +
                                line("1.1 <", dd_reply(0x04, words({3310, 3322, 3315, 3318}))));
  const Outcome named = desk.replays(capture + " --protocol jbd");
  CHECK(named.exit_code == 0);
  CHECK(named.object()["offset_top_ah"].size() == 4);
  CHECK(desk.replays(capture + " --config " + desk.write("a.toml", one_pack("a"))).object()["offset_top_ah"].size() ==
        4);
}
