#include "tests/simulator/world.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "tests/simulator/ble/profiles.h"
#include "tests/simulator/pack_text.h"

namespace simulator {

using nlohmann::json;

namespace {

constexpr std::chrono::milliseconds step = Device::beat;

double utc_s() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(now).count()) / 1e6;
}

json truth_of(const PackModel& pack, int n, const Snapshot& now) {
  json cells = json::array(), temps = json::array();
  for (const int mv : now.cells_mv) cells.push_back(mv / 1000.0);
  for (const int dk : now.temps_dk) temps.push_back((dk - 2731) / 10.0);
  return {{"pack", pack.options().name},
          {"n", n},
          {"t", utc_s()},
          {"pack_v", now.pack_cv / 100.0},
          {"current_a", now.current_ca / 100.0},
          {"soc_pct", now.soc_pct},
          {"remaining_ah", now.remaining_cah / 100.0},
          {"cells_v", cells},
          {"temps_c", temps},
          {"charged_kwh", pack.charged_kwh()}};
}

std::string hex(const Octets& bytes) {
  std::ostringstream text;
  for (const int byte : bytes) text << ' ' << std::hex << std::uppercase << std::setw(2) << std::setfill('0') << byte;
  return text.str();
}

}  // namespace

World::World(boost::asio::io_context& io, const Settings& settings)
    : io_(io), settings_(settings), beat_(io), lived_to_(std::chrono::steady_clock::now() - step) {
  for (const std::string& text : settings.packs) add(text);
  open_file(truth_, "--truth ", settings.truth);
  open_file(sent_, "--sent ", settings.sent);
  open_file(links_, "--links ", settings.links);
  beat();
}

void World::open_file(std::ofstream& file, const std::string& option, const std::string& path) {
  if (path.empty()) return;
  file.open(path);
  if (!file) throw BadOption(option + path + ": cannot be written");
  file << std::fixed << std::setprecision(6);
}

void World::add(const std::string& text) {
  Keys keys("--pack", text);
  const std::string path = keys.text("path", ""), ble = keys.text("ble", "");
  if (path.empty() == ble.empty()) keys.refuse("path= or ble= is missing, or both are there");
  auto& board = *boards_.emplace_back(std::make_unique<Board>());
  board.pack = std::make_unique<PackModel>(
      pack_options(keys, ble.empty() ? std::string(std::filesystem::path(path).filename()) : ble));
  board.device = make_device(*board.pack, keys);
  const auto on_air = ble.empty() ? std::nullopt : std::optional(ble::peripheral_options(keys));
  keys.all_known();
  const PackOptions& pack = board.pack->options();
  for (const auto& other : boards_) {
    if (other.get() != &board && other->pack->options().name == pack.name)
      keys.refuse("another pack is named " + pack.name + "; give name=");
  }
  board.faults = std::make_unique<Faults>(settings_.faults, pack.seed,
                                          [&board](const Octets& reply) { return board.device->intact(reply); });
  board.device->on_snapshot = [this, &board](const Snapshot& now) { tell(board, now); };
  board.device->on_write = [this, &board](const Octets& request) {
    ++writes_seen_;
    std::cerr << "cellwarden-sim: " << board.pack->options().name << ": A WRITE reached the board:" << hex(request)
              << std::endl;
  };
  std::ostringstream line;
  line << pack.name << ": " << pack.cells << " cells, " << pack.capacity_ah << " Ah, " << pack.soc_pct << " % full, ";
  if (on_air) {
    put_on_air(board, *on_air);
    line << "at " << ble;
  } else {
    connect(board, path);
    line << "at " << settings_.baud << " baud on " << path;
  }
  say(line.str());
}

void World::put_on_air(Board& board, ble::PeripheralOptions options) {
  if (!radio_) {
    radio_ = std::make_unique<ble::Radio>(io_);
    radio_->on_link = [this](const std::string& name, bool linked) {
      if (links_.is_open()) links_ << name << (linked ? " linked " : " left ") << utc_s() << std::endl;
    };
  }
  radio_->add(board.pack->options().name, std::move(options), *board.device,
              [&board](const Octets& bytes) { return respond(board, bytes); });
}

void World::connect(Board& board, const std::string& path) {
  Line& line = lines_[path];
  line.boards.push_back(&board);
  if (line.plug) return;
  line.plug = std::make_unique<PtyPlug>(io_, path, settings_.baud,
                                        [this, &line](const Octets& bytes) { return respond(line, bytes); });
  line.plug->on_sent = [this, name = std::filesystem::path(path).filename().string()] {
    if (sent_.is_open()) sent_ << name << ' ' << utc_s() << std::endl;
  };
}

std::vector<Answer> World::respond(Board& board, const Octets& request) {
  std::vector<Answer> answers = board.device->receive(request);
  for (Answer& answer : answers) answer.bytes = board.faults->pass(answer);
  return answers;
}

std::vector<Answer> World::respond(const Line& line, const Octets& request) {
  live();  // what a board answers is of this moment
  std::vector<Answer> all;
  for (Board* board : line.boards) {
    for (Answer& answer : respond(*board, request)) all.push_back(std::move(answer));
  }
  return all;
}

/// What boards say by themselves: the others of their line hear it, and may answer.
void World::talk(const Line& line) {
  for (Board* talker : line.boards) {
    for (const Octets& said : talker->device->unasked()) {
      const Answer unasked{{}, said, std::chrono::milliseconds(0)};
      line.plug->say({{}, talker->faults->pass(unasked), unasked.after});
      for (Board* other : line.boards) {
        if (other == talker) continue;
        for (Answer& answer : other->device->receive(said)) {
          talker->device->overhear(answer.bytes);
          answer.bytes = other->faults->pass(answer);
          line.plug->say(std::move(answer));
        }
      }
    }
  }
}

void World::tell(Board& board, const Snapshot& now) {
  ++board.told;
  if (truth_.is_open()) truth_ << truth_of(*board.pack, board.told, now).dump() << std::endl;
}

/// Physics catches up with the clock in small steps; with a time scale it goes that much faster.
void World::live() {
  constexpr double longest_step_s = 1;
  const auto now = std::chrono::steady_clock::now();
  const std::chrono::duration<double> passed = now - std::exchange(lived_to_, now);
  for (double left_s = passed.count() * settings_.time_scale; left_s > 0; left_s -= longest_step_s) {
    for (const auto& board : boards_) board->pack->step(std::min(left_s, longest_step_s));
  }
}

void World::beat() {
  live();
  for (const auto& [path, line] : lines_) {
    if (line.plug->is_used()) talk(line);
  }
  beat_.expires_after(step);
  beat_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) beat();
  });
}

void World::obey(const std::string& text) {
  std::istringstream words(text);
  std::string command, name;
  double number = 0;
  words >> command >> name >> number;
  if (command == "quit") return io_.stop();
  const bool done = (radio_ && radio_->obey(command, name, number)) || obeyed_by_lines(command, name, number);
  if (done) return say("done: " + text);
  std::cerr << "cellwarden-sim: \"" << text << "\" is no command for what is here; see --help\n";
}

bool World::obeyed_by_lines(const std::string& command, const std::string& name, double seconds) {
  const bool known = command == "unplug" || command == "plug" || command == "silence";
  bool done = false;
  for (auto& [path, line] : lines_) {
    const bool meant = std::filesystem::path(path).filename() == name ||
                       std::any_of(line.boards.begin(), line.boards.end(),
                                   [&](const Board* board) { return board->pack->options().name == name; });
    if (!known || !meant) continue;
    if (command == "unplug") line.plug->unplug();
    if (command == "plug") line.plug->plug();
    if (command == "silence") line.plug->silence(std::chrono::milliseconds(std::lround(seconds * 1000)));
    done = true;
  }
  return done;
}

void World::finish() {
  json faults = json::object();
  int blind = 0;
  for (const auto& board : boards_) {
    for (std::size_t i = 0; i < fault_names.size(); ++i) {
      const std::string name(fault_names[i]);
      faults[name] = faults.value(name, 0) + board->faults->count(static_cast<Fault>(i));
    }
    blind += board->faults->checksum_blind();
    say(board->pack->options().name + ": " + std::to_string(board->told) + " readings answered");
  }
  faults["checksum_blind"] = blind;
  if (truth_.is_open()) truth_ << json{{"faults", faults}, {"writes_seen", writes_seen_}}.dump() << std::endl;
  if (writes_seen_ > 0) std::cerr << "cellwarden-sim: writes to boards: " << writes_seen_ << std::endl;
  lines_.clear();
  if (radio_) radio_->unplug();
}

void World::say(const std::string& line) const {
  if (!settings_.quiet) std::cout << line << std::endl;
}

}  // namespace simulator
