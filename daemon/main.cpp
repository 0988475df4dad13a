// Arguments to one command each, nothing else.
#include <CLI/CLI.hpp>

#include <exception>
#include <fstream>
#include <iostream>

#include "config/config.h"
#include "daemon/commands/check.h"
#include "daemon/commands/decode.h"
#include "daemon/commands/demo_time.h"
#include "daemon/commands/probe.h"
#include "daemon/commands/read.h"
#include "daemon/commands/record.h"
#include "daemon/commands/release.h"
#include "daemon/commands/replay.h"
#include "daemon/commands/report.h"
#include "daemon/commands/run.h"
#include "daemon/commands/scan.h"
#include "daemon/commands/watch.h"
#include "daemon/publish/release_wish.h"
#include "protocols/adapter.h"

namespace cellwarden {

namespace {

constexpr int usage = 2;

UtcTime utc_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

const Protocol* named_protocol(const std::string& id) {
  const Protocol* protocol = find_protocol(id);
  if (protocol == nullptr) {
    std::cerr << "no protocol \"" << id << "\"; known are:";
    for (const auto& row : catalog()) std::cerr << ' ' << row.id;
    std::cerr << '\n';
  }
  return protocol;
}

/// What `read` and `record` are told on the command line, as the pack it means.
struct PackArguments {
  PackConfig pack;
  std::string link;
  double poll_s = 2;

  void declare(CLI::App& command) {
    command
        .add_option(
            "link", link,
            "serial:/dev/serial/by-id/..., ble:AA:BB:CC:DD:EE:FF, tcp:HOST:PORT, rtu+tcp:HOST:PORT or capture:FILE")
        ->required();
    command.add_option("--adapter", pack.adapter, "of a ble: link: hci0, hci1 ...");
    command.add_option("--pin", pack.pin, "of a ble: link: where its app has set one");
    command.add_option("--protocol", pack.protocol, "which BMS protocol, such as jbd")->required();
    command.add_option("--address", pack.address, "the BMS's address, where it has one");
    command.add_option("--baud", pack.baud, "baud rate, where it is not the protocol's usual one");
    command.add_flag("--rs485", pack.rs485, "the kernel's RS485 mode");
    command.add_option("--poll", poll_s, "seconds between two readings")->check(CLI::Range(0.2, 3600.0));
  }

  bool understood() {
    std::string why;
    const auto address = parse_link(link, why);
    if (!address) {
      std::cerr << why << '\n';
      return false;
    }
    if (named_protocol(pack.protocol) == nullptr) return false;
    if (why = why_not_on(*address, pack.protocol); !why.empty()) {
      std::cerr << why << '\n';
      return false;
    }
    pack.link = *address;
    pack.id = pack.name = pack.protocol;
    pack.poll = Seconds(poll_s);
    return true;
  }
};

int decode_file(const std::string& protocol_id, const std::string& file) {
  const Protocol* protocol = named_protocol(protocol_id);
  if (protocol == nullptr) return usage;
  if (file.empty() || file == "-") return decode_capture(std::cin, "standard input", *protocol, std::cout, std::cerr);
  std::ifstream capture(file);
  capture.peek();  // a directory opens and cannot be read
  if (!capture.is_open() || capture.bad()) {
    std::cerr << "cannot read " << file << "; is the path right?\n";
    return usage;
  }
  capture.clear();  // empty is readable
  return decode_capture(capture, file, *protocol, std::cout, std::cerr);
}

int watch_service(const std::string& file, bool json, std::optional<double> seconds) {
  auto read = read_config(file);
  if (const auto* faults = std::get_if<std::vector<ConfigFault>>(&read)) {
    for (const auto& fault : *faults) std::cerr << fault.text() << '\n';
    return usage;
  }
  const auto& config = std::get<Config>(read);
  if (!config.mqtt) {
    std::cerr << file << " names no broker under [mqtt]; `cellwarden run` itself shows the packs then\n";
    return usage;
  }
  return watch(*config.mqtt, json, seconds);
}

int release_link(const std::string& file, const std::string& pack_id, double minutes) {
  auto read = read_config(file);
  if (const auto* faults = std::get_if<std::vector<ConfigFault>>(&read)) {
    for (const auto& fault : *faults) std::cerr << fault.text() << '\n';
    return usage;
  }
  const auto& config = std::get<Config>(read);
  if (config.mqtt) return release(config, pack_id, minutes, std::cout, std::cerr);
  std::cerr << file << " names no broker under [mqtt], and the running service is reached by it\n";
  return usage;
}

int probe_link(const std::string& written, finding::Place place, bool json) {
  std::string why;
  const auto link = parse_link(written, why);
  if (!link || link->kind == LinkAddress::Kind::capture) {
    std::cerr << (link ? "probe asks a BMS: give its link, serial:/dev/serial/by-id/... or ble:AA:BB:CC:DD:EE:FF" : why)
              << '\n';
    return usage;
  }
  place.link = *link;
  return probe(place, json, std::cout, std::cerr);
}

int command_line(int argc, char** argv) {
  CLI::App app("Cellwarden: what the cells of your battery really say");
  app.set_version_flag("--version", CELLWARDEN_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 done, 1 nothing good came, 2 wrong usage, or a fault in the file to read, 3 a link could not be "
      "opened or a file written");

  const std::string usual_config = "/etc/cellwarden/cellwarden.toml";
  std::string config = usual_config, protocol, file;
  bool json = false;
  std::optional<double> seconds;
  PackArguments read_arguments, record_arguments;
  ReadOptions read_options;

  auto* run = app.add_subcommand("run", "the service");
  run->add_option("--config", config, "config file")->capture_default_str();
  double speed = real_time;
  run->add_option("--demo-speed", speed, "simulated packs live that much faster than the clock")
      ->check(CLI::Range(real_time, fastest_demo))
      ->group("");  // not in --help: no battery is faster than the clock
  auto* check = app.add_subcommand("check", "reads the config and lists every fault");
  check->add_option("--config", config, "config file")->capture_default_str();
  auto* read = app.add_subcommand("read", "one reading, limits and identity of one pack");
  read_arguments.declare(*read);
  read->add_flag("--follow", read_options.follow, "go on reading");
  read->add_flag("--json", read_options.json, "JSON instead of a table");
  auto* watch_command = app.add_subcommand("watch", "live table of the running service's packs");
  watch_command->add_option("--config", config, "config file (for its broker)")->capture_default_str();
  watch_command->add_flag("--json", json, "JSON lines instead of a table");
  watch_command->add_option("--seconds", seconds, "end after that long");
  std::string pack_id;
  double minutes = 0;
  auto* release_command =
      app.add_subcommand("release", "leaves a pack's Bluetooth link to the phone app for some minutes");
  release_command->add_option("pack", pack_id, "its id")->required();
  release_command->add_option("minutes", minutes, "how long, at most 60; 0 takes it back")
      ->required()
      ->check(CLI::Range(0.0, longest_release_min));
  release_command->add_option("--config", config, "config file (for its broker)")->capture_default_str();
  auto* decode = app.add_subcommand("decode", "decodes a capture");
  decode->add_option("--protocol", protocol, "which BMS protocol, such as jbd")->required();
  decode->add_option("file", file, "the capture; standard input when left out");
  auto* record = app.add_subcommand("record", "writes a capture while polling");
  record_arguments.declare(*record);
  record->add_option("file", file, "where to write")->required();
  record->add_option("--seconds", seconds, "end after that long");

  auto* scan_command = app.add_subcommand("scan", "the serial ports and Bluetooth devices in sight");
  scan_command->add_flag("--json", json, "JSON instead of lines");
  std::string link;
  auto* probe_command = app.add_subcommand("probe", "finds which BMS is behind a link");
  finding::Place place;
  probe_command->add_option("link", link, "serial:/dev/serial/by-id/... or ble:AA:BB:CC:DD:EE:FF")->required();
  probe_command->add_option("--baud", place.baud, "only at this baud rate");
  probe_command->add_option("--address", place.address, "only at this address");
  probe_command->add_flag("--rs485", place.rs485, "the kernel's RS485 mode");
  probe_command->add_option("--adapter", place.adapter, "of a ble: link: hci0, hci1 ...");
  probe_command->add_option("--pin", place.pin, "of a ble: link: where its app has set one");
  probe_command->add_flag("--json", json, "JSON instead of [[pack]] blocks");

  ReplayOptions recorded;
  auto* replay_command = app.add_subcommand("replay", "runs recorded readings through the analysis");
  replay_command->add_option("file", recorded.file, "CSV, JSON lines or a capture; - for standard input")->required();
  auto* settings = replay_command->add_option("--config", recorded.config, "config file with the pack's settings");
  replay_command->add_option("--pack", recorded.pack, "its id, when the config has several")->needs(settings);
  replay_command->add_option("--protocol", recorded.protocol, "of a capture, when the config does not say");
  replay_command->add_flag("--events", recorded.events,
                           "also each alert as it came or went, a line of JSON with its t_s");

  ReportOptions about;
  auto* report_command =
      app.add_subcommand("report", "one page about a pack in plain words: what limits it, what to do");
  report_command
      ->add_option("pack", about.subject, "its id, for what the service knows; or a file of recorded readings")
      ->required();
  report_command->add_option("--config", about.config, "config file; " + usual_config + " where a pack is named");
  report_command->add_option("--pack", about.pack, "of a file: whose readings, when the config has several");
  report_command->add_option("--protocol", about.protocol, "of a capture, when the config does not say");
  report_command->add_flag("--json", about.json, "JSON instead of text");
  report_command->add_option("--html", about.html, "writes the page with its charts to this file");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : usage;
  }

  if (*run) return run_service(config, speed, std::cout, std::cerr);
  if (*check) return check_config(config, std::cout, std::cerr);
  if (*watch_command) return watch_service(config, json, seconds);
  if (*release_command) return release_link(config, pack_id, minutes);
  if (*decode) return decode_file(protocol, file);
  if (*replay_command) return replay(recorded, std::cout, std::cerr);
  if (*report_command) return report_pack(about, usual_config, utc_now(), std::cout, std::cerr);
  if (*scan_command) return scan(json, std::cout, std::cerr);
  if (*probe_command) return probe_link(link, place, json);
  if (*read)
    return read_arguments.understood() ? read_pack(read_arguments.pack, read_options, std::cout, std::cerr) : usage;
  if (!record_arguments.understood()) return usage;
  const auto limit = seconds ? std::optional(Seconds(*seconds)) : std::nullopt;
  return record_pack(record_arguments.pack, file, limit, std::cout, std::cerr);
}

}  // namespace

}  // namespace cellwarden

int main(int argc, char** argv) {
  try {
    return cellwarden::command_line(argc, argv);
  } catch (const std::exception& unforeseen) {
    std::cerr << "cellwarden: " << unforeseen.what() << '\n';
    return 1;
  }
}
