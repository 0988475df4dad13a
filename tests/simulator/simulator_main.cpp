// cellwarden-sim: batteries on pseudo terminals. Commands on standard input: unplug NAME, plug NAME,
// silence NAME SECONDS, quit.
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/streambuf.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "tests/simulator/faults.h"
#include "tests/simulator/pty_plug.h"

namespace simulator {

namespace {

using nlohmann::json;

struct Settings {
  std::vector<std::string> packs;
  unsigned baud = 9600;
  double time_scale = 1, damage = 0, seconds = 0;
  std::string truth;
  bool quiet = false;
};

/// One simulated pack: physics, board, wire.
struct Device {
  Device(const PackOptions& options, double damage) : pack(options), board(pack, {}), faults(damage, options.seed) {}
  PackModel pack;
  JbdDevice board;
  Faults faults;
  std::unique_ptr<PtyPlug> plug;
};

/// "path=/tmp/x/house-1,cells=16,ah=280,soc=60,current=40,seed=1"; the name is the path's last part.
PackOptions pack_options(const std::string& text, std::filesystem::path& path) {
  PackOptions options;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const auto equals = part.find('=');
    if (equals == std::string::npos) throw std::runtime_error("--pack " + text + ": \"" + part + "\" is no key=value");
    const std::string key = part.substr(0, equals), value = part.substr(equals + 1);
    if (key == "path")
      path = value;
    else if (key == "cells")
      options.cells = std::stoi(value);
    else if (key == "ah")
      options.capacity_ah = std::stod(value);
    else if (key == "soc")
      options.soc_pct = std::stod(value);
    else if (key == "current")
      options.charge_a = std::stod(value);
    else if (key == "load")
      options.load_a = std::stod(value);
    else if (key == "charging")
      options.starts_charging = value != "0";
    else if (key == "seed")
      options.seed = static_cast<std::uint32_t>(std::stoul(value));
    else
      throw std::runtime_error("--pack " + text + ": no key \"" + key +
                               "\"; there are path, cells, ah, soc, current, load, charging, seed");
  }
  if (path.empty()) throw std::runtime_error("--pack " + text + ": path= is missing");
  options.name = path.filename();
  return options;
}

json truth_of(const std::string& name, const Snapshot& now) {
  json cells = json::array(), temps = json::array();
  for (const int mv : now.cells_mv) cells.push_back(mv / 1000.0);
  for (const int dk : now.temps_dk) temps.push_back((dk - 2731) / 10.0);
  return {{"pack", name},
          {"pack_v", now.pack_cv / 100.0},
          {"current_a", now.current_ca / 100.0},
          {"soc_pct", now.soc_pct},
          {"remaining_ah", now.remaining_cah / 100.0},
          {"cells_v", cells},
          {"temps_c", temps}};
}

class World {
 public:
  World(boost::asio::io_context& io, const Settings& settings) : io_(io), settings_(settings), beat_(io), input_(io) {
    if (!settings.truth.empty()) truth_.open(settings.truth);
    boost::system::error_code not_pollable;  // a file or /dev/null: no commands then
    input_.assign(dup(STDIN_FILENO), not_pollable);
    for (const std::string& text : settings.packs) add(text);
    beat();
    if (!not_pollable) read_command();
  }

  void finish() {
    json faults = json::object();
    int blind = 0, writes = 0;
    for (const auto& device : devices_) {
      for (std::size_t i = 0; i < fault_names.size(); ++i) {
        const std::string name(fault_names[i]);
        faults[name] = faults.value(name, 0) + device->faults.count(static_cast<Fault>(i));
      }
      blind += device->faults.checksum_blind();
      writes += device->board.writes_seen();
    }
    faults["checksum_blind"] = blind;
    faults["writes_seen"] = writes;
    truth_ << json{{"faults", faults}}.dump() << std::endl;
    devices_.clear();
  }

 private:
  void add(const std::string& text) {
    std::filesystem::path path;
    const PackOptions options = pack_options(text, path);
    auto& device = *devices_.emplace_back(std::make_unique<Device>(options, settings_.damage));
    device.board.on_snapshot = [this, name = options.name](const Snapshot& now) {
      if (truth_.is_open()) truth_ << truth_of(name, now).dump() << std::endl;
    };
    device.plug = std::make_unique<PtyPlug>(
        io_, path, LineOptions{.baud = settings_.baud},
        [&device](const Octets& request) { return device.faults.pass(request, device.board.receive(request)); });
  }

  /// Physics goes on in small steps, faster than the clock when a time scale is asked for.
  void beat() {
    constexpr double step_s = 0.2;
    constexpr double longest_step_s = 1;
    for (double left_s = step_s * settings_.time_scale; left_s > 0; left_s -= longest_step_s) {
      for (const auto& device : devices_) device->pack.step(std::min(left_s, longest_step_s));
    }
    beat_.expires_after(
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(step_s)));
    beat_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) beat();
    });
  }

  void read_command() {
    boost::asio::async_read_until(input_, line_, '\n', [this](boost::system::error_code closed, std::size_t) {
      if (closed) return;
      std::istream in(&line_);
      std::string text;
      std::getline(in, text);
      obey(text);
      read_command();
    });
  }

  void obey(const std::string& text) {
    std::istringstream words(text);
    std::string command, name;
    double seconds = 0;
    words >> command >> name >> seconds;
    if (command == "quit") io_.stop();
    for (const auto& device : devices_) {
      if (device->pack.options().name != name) continue;
      if (command == "unplug") device->plug->unplug();
      if (command == "plug") device->plug->plug();
      if (command == "silence") device->plug->silence(std::chrono::milliseconds(static_cast<long>(seconds * 1000)));
    }
  }

  boost::asio::io_context& io_;
  Settings settings_;
  std::ofstream truth_;
  boost::asio::steady_timer beat_;
  boost::asio::posix::stream_descriptor input_;
  boost::asio::streambuf line_;
  std::vector<std::unique_ptr<Device>> devices_;
};

int simulate(int argc, char** argv) {
  CLI::App app("cellwarden-sim: batteries on pseudo terminals");
  Settings settings;
  app.add_option("--pack", settings.packs, "path=...,cells=16,ah=280,soc=60,current=40,load=15,seed=1; once per pack")
      ->required();
  app.add_option("--baud", settings.baud, "the line's real pace")->check(CLI::Range(1200, 230400));
  app.add_option("--time-scale", settings.time_scale, "physics runs that much faster than the clock");
  app.add_option("--damage", settings.damage, "share of replies damaged, each by one fault")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--truth", settings.truth, "file for what the boards really answered, JSON lines");
  app.add_option("--seconds", settings.seconds, "ends after that long");
  app.add_flag("--quiet", settings.quiet, "says nothing but \"ready\"");
  CLI11_PARSE(app, argc, argv);

  boost::asio::io_context io(1);
  World world(io, settings);
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](auto, auto) { io.stop(); });
  boost::asio::steady_timer end(io);
  if (settings.seconds > 0) {
    end.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        std::chrono::duration<double>(settings.seconds)));
    end.async_wait([&](auto error) {
      if (!error) io.stop();
    });
  }
  std::cout << "ready" << std::endl;
  io.run();
  world.finish();
  return 0;
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
