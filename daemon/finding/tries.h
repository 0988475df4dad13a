#pragma once
// Where a BMS may be behind a link: what is tried, in which order, how long it takes at most. All of it is the
// catalog's.
//
//   first, at every baud rate in turn   listen, the port opened read-only; where a chain talks that is known nothing
//                                       is sent at all
//   then, at every baud rate in turn    ask: protocol by protocol, address by address, by the reads that `run` sends
//                                       and no others. Where somebody answered the other baud rates are left out
#include <string>
#include <vector>

#include "config/config.h"
#include "protocols/adapter.h"

namespace cellwarden::finding {

/// Where is looked, and what is known already.
struct Place {
  LinkAddress link;
  unsigned baud = 0;  ///< 0: every one
  int address = 0;    ///< 0: every one
  bool rs485 = false;
  std::string adapter = {}, pin = {};  ///< of a Bluetooth link
};
Place place_of(const PackConfig& pack);

/// One conversation to try.
struct Try {
  const Protocol* protocol;
  unsigned baud;  ///< 0: the link has none
  int address;    ///< 0: the protocol has none

  bool operator==(const Try&) const = default;
};

/// "9600 baud: daly-a5, address 3"
std::string text(const Try& how);
/// "9600 baud: "; empty where a link has none.
std::string at_baud(unsigned baud);

/// Of protocols that ask, in order.
std::vector<Try> tries(const Place& place);
/// Of protocols that only listen: every address of each at once.
std::vector<Try> ears(const Place& place);
/// Of both, in order; {0} where the link has none.
std::vector<unsigned> bauds(const Place& place);
/// All that share a Bluetooth link's way: no addresses, no baud rates.
std::vector<const Protocol*> over_bluetooth();

/// A first ear for masters and boards that talk unasked.
inline constexpr Duration listening = std::chrono::seconds(1);
/// Who makes sense gets the time to finish: a board that leaves half its settings unanswered needs that long.
inline constexpr Duration to_finish = std::chrono::seconds(10);
/// Over Bluetooth: a board that is awake answers well within it, one asleep loses the first request.
inline constexpr Duration patience_on_air = std::chrono::seconds(5);
inline constexpr Duration to_finish_on_air = std::chrono::seconds(25);

/// A gateway of Modbus TCP takes its own time to say that nobody answers: so much more for each try.
Duration for_gateway(const Place& place);

/// Without a sign of it.
Duration patience(const Try& how);
/// For the whole of a place where nobody answers; each who does gets `to_finish` more.
Duration longest(const Place& place);

/// "jbd, daly-a5 (addresses 1 to 16) at 9600 baud; jk-uart at 115200 baud"
std::string summary(const Place& place);

}  // namespace cellwarden::finding
