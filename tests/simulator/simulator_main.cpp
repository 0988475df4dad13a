// cellwarden-sim: batteries on pseudo terminals and on the air, exit code 3 when anything tried to write to a board;
// or, with --csv, a battery's days as a file.
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/streambuf.hpp>
#include <iostream>

#include "tests/simulator/ble/profiles.h"
#include "tests/simulator/keys.h"
#include "tests/simulator/pack_text.h"
#include "tests/simulator/scenario_draw.h"
#include "tests/simulator/scenario_files.h"
#include "tests/simulator/world.h"

namespace simulator {

namespace {

/// Commands on standard input, one a line.
class Commands {
 public:
  Commands(boost::asio::io_context& io, World& world) : world_(world), input_(io) {
    boost::system::error_code not_pollable;  // a file or /dev/null: no commands then
    input_.assign(dup(STDIN_FILENO), not_pollable);
    if (!not_pollable) read();
  }

 private:
  void read() {
    boost::asio::async_read_until(input_, text_, '\n', [this](boost::system::error_code closed, std::size_t) {
      if (closed) return;
      std::istream in(&text_);
      std::string line;
      std::getline(in, line);
      world_.obey(line);
      read();
    });
  }

  World& world_;
  boost::asio::posix::stream_descriptor input_;
  boost::asio::streambuf text_;
};

std::string closing_words() {
  std::string text = "Keys of --pack, with their defaults:\n  " + std::string(pack_keys) + "\n";
  for (const DeviceKind& kind : device_kinds())
    text += "  with protocol=" + std::string(kind.protocol) + ": " + std::string(kind.keys) + "\n";
  text += "Packs with the same path share that line. Over Bluetooth, needing /dev/vhci: " + std::string(ble::ble_keys) +
          "\nKinds of --faults:";
  for (const auto& name : fault_names) text += " " + std::string(name);
  return text +
         "\nCommands on standard input: unplug NAME, plug NAME, silence NAME SECONDS, quit; over Bluetooth also drop "
         "NAME,\n"
         "phone NAME SECONDS, lose NAME COUNT and merge NAME COUNT (notifications), unplug adapter, plug adapter\n"
         "Exit code: 0; 2 for a wrong option; 3 when a write reached a board.";
}

/// What --csv is told.
struct ScenarioArguments {
  ScenarioFiles files;
  DailyPack pack;
  std::string kind = "balanced", balancer = "none";
  std::uint32_t seed = 1;

  CLI::Option* declare(CLI::App& app) {
    auto* csv =
        app.add_option("--csv", files.csv, "instead of a live pack: its days as recorded readings, to this file");
    const auto also = [&](auto* option) { option->needs(csv)->capture_default_str(); };
    also(app.add_option("--days", pack.days, "how many")->check(CLI::Range(0.001, 4000.0)));
    also(app.add_option("--cells", pack.cells, "in series")->check(CLI::Range(2, 32)));
    also(app.add_option("--ah", pack.capacity_ah, "nominal capacity")->check(CLI::Range(1.0, 2000.0)));
    also(app.add_option(
        "--kind", kind,
        "what is wrong: balanced, offset=CELL:PP, weak=CELL:PCT, leak=CELL:PCT_PER_DAY:FROM_DAY, "
        "resistance=CELL:FACTOR, scatter=PP, year (dull days, a leaking cell, a loose bus bar, a winter)"));
    also(app.add_option("--balancer", balancer, "of the BMS")->check(CLI::IsMember({"none", "passive", "active"})));
    also(app.add_option("--interval", pack.interval_s, "seconds between readings")->check(CLI::Range(0.1, 120.0)));
    also(app.add_option("--seed", seed, "another battery, other weather"));
    also(app.add_option("--config", files.config, "file for the config that tells `cellwarden replay` of the pack"));
    return csv;
  }

  void write(const std::string& truth) {
    files.truth = truth;
    ScenarioOptions options = draw_daily(kind_from_text(kind), seed, pack);
    using enum ScenarioBms::Balancer;
    options.bms.balancer = balancer == "active" ? active : balancer == "passive" ? passive : none;
    if (options.bms.balancer == active) options.bms.balance_a = 1;
    write_scenario(options, files);
  }
};

int simulate(int argc, char** argv) {
  CLI::App app("cellwarden-sim: batteries on pseudo terminals, or a battery's days as a file");
  ScenarioArguments scenario;
  Settings settings;
  double damage = 0, seconds = 0;
  std::string faults;
  auto* live = app.add_option("--pack", settings.packs, "key=value,... (see below); once per pack");
  live->excludes(scenario.declare(app));
  app.add_option("--baud", settings.baud, "the line's real pace")->check(CLI::Range(1200, 230400));
  app.add_option("--time-scale", settings.time_scale, "physics runs that much faster than the clock")
      ->check(CLI::Range(0.0, 10000.0));
  app.add_option("--faults", faults, "KIND=SHARE,...: share of answers that meet this kind of fault");
  app.add_option("--damage", damage, "share of answers that meet one fault of any kind")
      ->check(CLI::Range(0.0, 1.0))
      ->excludes("--faults");
  app.add_option("--truth", settings.truth,
                 "file for what the boards really answered, JSON lines; with --csv: what is true of the pack");
  app.add_option("--sent", settings.sent, "file for when each answer's last byte went out: NAME SECONDS a line");
  app.add_option("--links", settings.links,
                 "file for when a central came and went over Bluetooth: NAME linked|left SECONDS a line");
  app.add_option("--seconds", seconds, "ends after that long")->check(CLI::NonNegativeNumber);
  app.add_flag("--quiet", settings.quiet, "says nothing on standard output but \"ready\"");
  app.footer(closing_words());
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& wrong) {
    throw BadOption(wrong.what());
  }
  if (!scenario.files.csv.empty()) {
    scenario.write(settings.truth);
    return 0;
  }
  if (settings.packs.empty()) throw BadOption("--pack is required, or --csv FILE");
  settings.faults = faults.empty() ? evenly(damage) : fault_shares(faults);

  boost::asio::io_context io(1);
  World world(io, settings);
  Commands commands(io, world);
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](auto, auto) { io.stop(); });
  boost::asio::steady_timer end(io);
  if (seconds > 0) {
    end.expires_after(
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds)));
    end.async_wait([&](auto error) {
      if (!error) io.stop();
    });
  }
  std::cout << "ready" << std::endl;
  io.run();
  world.finish();
  return world.writes_seen() > 0 ? 3 : 0;
}

}  // namespace

}  // namespace simulator

int main(int argc, char** argv) {
  try {
    return simulator::simulate(argc, argv);
  } catch (const std::exception& wrong) {
    std::cerr << "cellwarden-sim: " << wrong.what() << '\n';
    return 2;
  }
}
