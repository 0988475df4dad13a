#pragma once
// Looks for packs whose protocol is "auto", for as long as it takes: a pass over all that may be there, a pause, the
// next pass. What a pack was before is tried first.
//
//   alone on its port    listens, then asks at every baud rate (port_finder.h)
//   beside other packs   asks at their baud rate, in turn with them; what is theirs, and what a board of theirs might
//                        answer too, is left out
//   over Bluetooth       connects and asks (ble_finder.h)
#include <boost/asio/steady_timer.hpp>

#include "daemon/finding/ble_finder.h"
#include "daemon/finding/port_finder.h"

namespace cellwarden::finding {

/// How a pack answers.
struct Answer {
  std::string protocol;
  int address = 0;
  unsigned baud = 0;

  bool operator==(const Answer&) const = default;
};

class Search {
 public:
  struct Wanted {
    PackConfig pack;
    std::optional<Answer> before;

    bool operator==(const Wanted&) const = default;
  };
  /// What the owner is told of a pack that is not there yet.
  using Tell = std::function<void(const std::string& pack_id, const std::string& why)>;

  /// `packs` are of one link.
  Search(std::vector<Wanted> packs, Tell tell) : packs_(std::move(packs)), tell_(std::move(tell)) {}

  // Each ends when one of the packs is found; what else goes wrong is told, and tried again.
  Task<void> on_port(MakePort make_port);
  Task<void> beside(Line& line, unsigned baud, std::vector<PackConfig> others);
  Task<void> on_air(ble::Bluez& bluez);

  struct Result {
    std::string pack_id;
    Answer answer;
    std::string model;
  };
  std::optional<Result> result;

 private:
  using Pass = std::function<Task<Findings>(const Wanted&, const Say&)>;
  Task<void> until_found(std::string what, Pass pass);
  void begin(const PackConfig& pack, const std::string& what);
  bool end(const PackConfig& pack, const Findings& findings, const std::string& fault, Duration pause);

  std::vector<Wanted> packs_;
  Tell tell_;
  std::string told_;  ///< to the log, last: the same is not told at every pass
};

/// Of the tries at a place those that are none of the others' on the same line.
std::vector<Try> not_of(const std::vector<PackConfig>& others, std::vector<Try> tries);

}  // namespace cellwarden::finding
