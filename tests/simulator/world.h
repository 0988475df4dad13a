#pragma once
// All that one run of cellwarden-sim simulates: packs, their boards, the lines these hang on, and the truth file.
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulator/ble/radio.h"
#include "tests/simulator/devices.h"
#include "tests/simulator/faults.h"
#include "tests/simulator/pty_plug.h"

namespace simulator {

struct Settings {
  std::vector<std::string> packs;  ///< one text of --pack each
  unsigned baud = 9600;
  double time_scale = 1;
  FaultShares faults{};
  std::string truth;
  std::string sent;   ///< file: a line "NAME SECONDS" when an answer's last byte went out on that line
  std::string links;  ///< file: a line "NAME linked|left SECONDS" when a central came or went over Bluetooth
  bool quiet = false;
};

class World {
 public:
  World(boost::asio::io_context& io, const Settings& settings);

  /// "unplug NAME", "plug NAME", "silence NAME SECONDS", NAME being a pack's or its line's, and those of ble/radio.h;
  /// "quit".
  void obey(const std::string& command);
  /// Pulls all plugs and ends the truth file with what went wrong on request.
  void finish();
  int writes_seen() const { return writes_seen_; }

 private:
  struct Board {
    std::unique_ptr<PackModel> pack;
    std::unique_ptr<Device> device;
    std::unique_ptr<Faults> faults;
    int told = 0;  ///< readings so far: the serial number of the last truth line
  };
  struct Line {
    std::vector<Board*> boards;
    std::unique_ptr<PtyPlug> plug;
  };

  void add(const std::string& text);
  void connect(Board& board, const std::string& path);
  static void open_file(std::ofstream& file, const std::string& option, const std::string& path);
  void put_on_air(Board& board, ble::PeripheralOptions options);
  bool obeyed_by_lines(const std::string& command, const std::string& name, double seconds);
  std::vector<Answer> respond(const Line& line, const Octets& request);
  static std::vector<Answer> respond(Board& board, const Octets& request);
  void talk(const Line& line);
  void tell(Board& board, const Snapshot& now);
  void live();
  void beat();
  void say(const std::string& line) const;

  boost::asio::io_context& io_;
  Settings settings_;
  std::ofstream truth_, sent_, links_;
  boost::asio::steady_timer beat_;
  std::chrono::steady_clock::time_point lived_to_;
  std::vector<std::unique_ptr<Board>> boards_;
  std::map<std::string, Line> lines_;  ///< by path
  std::unique_ptr<ble::Radio> radio_;  ///< when a pack is reached that way
  int writes_seen_ = 0;
};

}  // namespace simulator
