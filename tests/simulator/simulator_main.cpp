// cellwarden-sim: batteries on pseudo terminals. Exit code 3 when anything tried to write to a board.
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/streambuf.hpp>
#include <iostream>

#include "tests/simulator/pack_text.h"
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
  text += "Packs with the same path share that line.\nKinds of --faults:";
  for (const auto& name : fault_names) text += " " + std::string(name);
  return text +
         "\nCommands on standard input: unplug NAME, plug NAME, silence NAME SECONDS, quit\n"
         "Exit code: 0; 2 for a wrong option; 3 when a write reached a board.";
}

int simulate(int argc, char** argv) {
  CLI::App app("cellwarden-sim: batteries on pseudo terminals");
  Settings settings;
  double damage = 0, seconds = 0;
  std::string faults;
  app.add_option("--pack", settings.packs, "key=value,... (see below); once per pack")->required();
  app.add_option("--baud", settings.baud, "the line's real pace")->check(CLI::Range(1200, 230400));
  app.add_option("--time-scale", settings.time_scale, "physics runs that much faster than the clock")
      ->check(CLI::Range(0.0, 10000.0));
  app.add_option("--faults", faults, "KIND=SHARE,...: share of answers that meet this kind of fault");
  app.add_option("--damage", damage, "share of answers that meet one fault of any kind")
      ->check(CLI::Range(0.0, 1.0))
      ->excludes("--faults");
  app.add_option("--truth", settings.truth, "file for what the boards really answered, JSON lines");
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
