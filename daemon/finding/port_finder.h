#pragma once
// Looks behind a port that nobody else uses: listens first, then asks (tries.h).
#include <memory>

#include "daemon/finding/findings.h"
#include "daemon/packs/line.h"

namespace cellwarden::finding {

/// Opens nothing yet. Only for listening: it is never opened for writing.
using MakePort = std::function<std::unique_ptr<Port>(unsigned baud, bool only_listens)>;

class PortFinder {
 public:
  PortFinder(Place place, MakePort make_port, Goal goal, Say say)
      : place_(std::move(place)), make_port_(std::move(make_port)), goal_(goal), say_(std::move(say)) {}

  /// Throws LinkLost when the port cannot be had.
  Task<void> run();

  Findings findings;

 private:
  class Tap;
  Task<void> listen(unsigned baud);
  Task<void> ask(unsigned baud);

  Place place_;
  MakePort make_port_;
  Goal goal_;
  Say say_;
};

}  // namespace cellwarden::finding
