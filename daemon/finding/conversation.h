#pragma once
// One conversation, held only to see who is there.
#include <optional>
#include <string>
#include <vector>

#include "daemon/finding/tries.h"

namespace cellwarden::finding {

/// A BMS that gave a whole, plausible reading.
struct Found {
  Try how;
  Reading reading;
  Identity identity;
  std::vector<Try> also = {};  ///< ways by which the same board, it seems, answers too
};

struct Patience {
  Duration first;            ///< without a sign of it; counted in unanswered requests and on the clock
  Duration to_finish;        ///< once something made sense
  Duration for_others = {};  ///< so long others may keep the line from us
};

struct Outcome {
  std::vector<Found> found;  ///< several where the protocol only listens
  bool made_sense = false;
  std::string said;  ///< what it gave instead of a reading: asleep, a password wanted
};

/// Ends with the first whole reading; of a protocol that only listens when its time is over, for all that are there.
/// Throws LinkLost when the link itself is lost.
Task<Outcome> converse(Link& link, Try how, AdapterOptions options, Patience patience);

}  // namespace cellwarden::finding
