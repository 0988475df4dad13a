// `cellwarden report` on what the service's own classes wrote, beside them still running, and on a recorded file.
#include "daemon/commands/report.h"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "daemon/analysis/insight.h"
#include "daemon/analyst/analyst.h"
#include "daemon/history/chronicle.h"
#include "daemon/history/state_store.h"
#include "tests/commands/outcome.h"
#include "tests/simulator/scenario_draw.h"
#include "tests/simulator/scenario_files.h"
#include "tests/support/log.h"
#include "tests/support/temporary_directory.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

const UtcTime midnight = std::chrono::sys_days(std::chrono::year(2026) / 11 / 1);

struct Nobody : PackObserver {
  void on_reading(const std::string&, const Reading&, const Counters&) override {}
  void on_energy(const std::string&, const Energy&) override {}
  void on_info(const std::string&, const Identity&, const Limits&) override {}
  void on_status(const std::string&, bool, const std::string&) override {}
};

/// Four cells, the second 8 % ahead: the BMS ends every charge.
simulator::ScenarioOptions four_days() {
  return simulator::draw_daily(simulator::kind_from_text("offset=2:8"), 5,
                               {.cells = 4, .capacity_ah = 100, .interval_s = 20, .days = 4});
}

struct Desk {
  std::string file(const std::string& name) const { return folder.path / name; }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(file(name)) << content;
    return file(name);
  }
  std::string text(const std::string& name) const {
    std::ifstream in(file(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// "house" and "shed", with the state here.
  std::string config() const {
    std::string all = "[service]\nstate_dir = \"" + file("state") + "\"\n";
    for (const char* id : {"house", "shed"})
      all += "[[pack]]\nid = \"" + std::string(id) + "\"\nname = \"The " + id +
             "\"\nprotocol = \"jbd\"\nlink = \"serial:/dev/serial/by-id/" + id +
             "\"\nchemistry = \"lfp\"\ncapacity_ah = 100\n";
    return write("c.toml", all);
  }
  Outcome reports(ReportOptions options, int day = 4) const {
    std::ostringstream out, err;
    const int code = report_pack(options, file("usual.toml"), midnight + std::chrono::days(day), out, err);
    return {code, out.str(), err.str()};
  }

  TemporaryDirectory folder{in_memory()};
};

/// The service's classes, having followed "house" for four days.
struct Service {
  explicit Service(const Desk& desk)
      : history(open_history(desk.file("state"), history_schema(), midnight)),
        states(history),
        chronicle(history),
        analyst(states, chronicle, nobody) {
    history.database->execute("PRAGMA synchronous = OFF");
    AnalysedPack pack{.id = "house", .settings = {}, .alerts = {}};
    pack.settings.chemistry = "lfp", pack.settings.capacity_ah = 100;
    analyst.set_packs({pack});
  }
  void lives() {
    const auto options = four_days();
    Limits limits;
    limits.cell_ovp_v = options.bms.cell_ovp_v, limits.cell_uvp_v = options.bms.cell_uvp_v;
    analyst.on_info("house", {}, limits);
    simulator::Scenario scenario(options);
    while (scenario.next()) {
      const simulator::ScenarioSample& sample = scenario.sample();
      Reading reading;
      reading.steady_s = sample.t_s;
      reading.taken_at = midnight + std::chrono::milliseconds(static_cast<long>(sample.t_s * 1000));
      reading.cells_v.assign(sample.cells_v.begin(), sample.cells_v.end());
      reading.pack_v = sample.pack_v, reading.current_a = sample.current_a, reading.soc_pct = sample.soc_pct;
      reading.charge_on = sample.charge_on, reading.discharge_on = sample.discharge_on;
      analyst.on_reading("house", reading, {});
    }
  }

  Log log;
  Nobody nobody;
  History history;
  StateStore states;
  Chronicle chronicle;
  Analyst analyst;
};

}  // namespace

TEST_CASE("report: of a pack that the service follows, while it does") {
  const Desk desk;
  const std::string config = desk.config();
  Service service(desk);
  service.lives();
  const Outcome page = desk.reports({.subject = "house", .config = config});
  CHECK(page.exit_code == 0);
  CHECK(page.err == "");
  CHECK(page.out.starts_with("The house\n=========\n4 LFP cells, 100 Ah, as of 4 November 2026 "));
  CHECK(page.out.find("Cell 2 is full first.") != std::string::npos);
  CHECK(page.out.find("It is so since the pack is watched, 1 November 2026: the BMS has ended") != std::string::npos);

  CHECK(page.out.find("The last alerts, newest first\n") != std::string::npos);
  CHECK(page.out.find("This is old") == std::string::npos);
  const Outcome later = desk.reports({.subject = "house", .config = config}, 30);
  CHECK(later.out.find(" UTC\n\nThis is old: the last reading that is known is from 4 November 2026, ") !=
        std::string::npos);

  const Outcome json = desk.reports({.subject = "house", .config = config, .json = true});
  CHECK_FALSE(json.object()["alert_log"].empty());
  REQUIRE(json.object().is_object());
  CHECK(json.object()["insight"]["first_full_cell"] == 2);
  CHECK(json.object()["days"].size() >= 4);
  CHECK(json.object()["recorded"] == false);

  const Outcome html = desk.reports({.subject = "house", .config = config, .html = desk.file("page.html")});
  CHECK(html.exit_code == 0);
  CHECK(html.out == "");
  CHECK(desk.text("page.html").ends_with("</html>\n"));
  CHECK(desk.reports({.subject = "house", .config = config, .html = "/nowhere/page.html"}).exit_code == 3);

  // It was only looked at.
  service.analyst.save();
  CHECK(service.chronicle.days("house").size() >= 4);

  const Outcome other = desk.reports({.subject = "shed", .config = config});
  CHECK(other.exit_code == 1);
  CHECK(other.err.find("nothing is kept of shed yet") != std::string::npos);
}

TEST_CASE("report: of a recorded file: the same story, told from its own clock") {
  const Desk desk;
  simulator::write_scenario(four_days(), {desk.file("pack.csv"), "", desk.file("pack.toml")});
  const Outcome page = desk.reports({.subject = desk.file("pack.csv"), .config = desk.file("pack.toml")});
  CHECK(page.exit_code == 0);
  CHECK(page.out.find("as of day 4 (from a recording)") != std::string::npos);
  CHECK(page.out.find("Cell 2 is full first.") != std::string::npos);
  CHECK(page.out.find("The BMS and not the charger ends the charge, because cell 2") != std::string::npos);
  CHECK(page.out.find("kWh in, ") != std::string::npos);
  CHECK(page.out.find("The last alerts, newest first\n") != std::string::npos);

  const Outcome json = desk.reports({.subject = desk.file("pack.csv"), .config = desk.file("pack.toml"), .json = true});
  CHECK(json.object()["recorded"] == true);
  CHECK(json.object()["days"].size() >= 4);
  CHECK(desk.reports({.subject = desk.file("pack.csv"), .config = desk.file("pack.toml"), .pack = "other"}).exit_code ==
        2);
  CHECK(desk.reports({.subject = desk.file("pack.csv")}).exit_code == 0);  // nothing but the file
}

TEST_CASE("report: what is wrong is said in a line") {
  const Desk desk;
  const std::string config = desk.config();
  const auto said = [&](const ReportOptions& options, int code, const std::string& part) {
    const Outcome outcome = desk.reports(options);
    INFO(outcome.err);
    CHECK(outcome.exit_code == code);
    CHECK(outcome.out == "");
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
    CHECK(outcome.err.find(part) != std::string::npos);
  };
  said({.subject = "hut", .config = config}, 2, "no pack \"hut\"");
  said({.subject = "hut", .config = config}, 2, "its packs are: house shed");
  said({.subject = "house", .config = config}, 1, "there is no history yet");
  said({.subject = "house"}, 2, "usual.toml");
  said({.subject = desk.write("a.csv", "t_s,pack_v,current_a,cell_1_v,cell_2_v\n")}, 1, "holds no reading");
  said({.subject = desk.write("b.csv", "hello\n")}, 2, "b.csv");
  said({.subject = desk.folder.path.string()}, 2, "cannot read");

  std::filesystem::create_directories(desk.file("state"));
  desk.write("state/history.db", "this is no database, however long it may be written here");
  said({.subject = "house", .config = config}, 1, "cannot be read");
  std::filesystem::remove(desk.file("state/history.db"));
  { open_history(desk.file("state"), history_schema().first(1), midnight); }
  said({.subject = "house", .config = config}, 1, "an older Cellwarden's");
}
