#pragma once
// What an adapter may ask of the outside: bytes, and time. A Link is one pack's (or one conversation's) hold on a
// line; the line sees to it that one request at a time is in flight.
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <stdexcept>

#include "protocols/bytes.h"
#include "protocols/framing.h"
#include "protocols/link_counters.h"

namespace cellwarden {

template <class T>
using Task = boost::asio::awaitable<T>;

using Duration = std::chrono::steady_clock::duration;
using SteadyTime = std::chrono::steady_clock::time_point;

/// Nothing good came in time: ask again.
struct LinkTimeout : std::runtime_error {
  using runtime_error::runtime_error;
};
/// An answer came and is no good: counts as what it is, then ask again.
struct AnswerRejected : LinkTimeout {
  AnswerRejected(FrameError reason, const std::string& text) : LinkTimeout(text), why(reason) {}
  FrameError why;
};
/// The port, device or adapter is gone or cannot be had now: connect anew. The text says what to try.
struct LinkLost : std::runtime_error {
  using runtime_error::runtime_error;
};
/// The BMS understood and will not: say so, do not retry.
struct DeviceRefused : std::runtime_error {
  using runtime_error::runtime_error;
};

/// Registers of one unit, to be read by Modbus function 03.
struct RegisterRead {
  std::uint8_t unit;
  std::uint16_t first, count;
  std::uint8_t answers_as = 0;  ///< some answer under a number of their own; 0: `unit`
};

class Link {
 public:
  virtual ~Link() = default;

  /// Looks at bytes as they arrive; true when they are enough.
  using Listener = std::function<bool(Bytes)>;

  /// Holds the line, drops what lay unread, sends `request`, hands every chunk that comes to `listener` until it has
  /// enough. Throws LinkTimeout when it has not within `limit` (counted from the last byte sent), LinkLost.
  virtual Task<void> exchange(Buffer request, Duration limit, Listener listener) = 0;

  /// Hands on what comes unasked until `listener` has enough. Throws LinkTimeout when nothing at all came for `limit`,
  /// LinkLost.
  virtual Task<void> listen(Duration limit, Listener listener) = 0;

  /// Holds the line and asks; hands `listener` the answer as the bytes of RTU frames, whatever carries it. Here by RTU
  /// frames over `exchange`; on serial ports and TCP libmodbus does it. Throws LinkTimeout, AnswerRejected, LinkLost.
  virtual Task<void> read_registers(RegisterRead what, Duration limit, Listener listener);

  /// Said behind an answer: until so much later nobody asks on this line, for its BMS mistake each other's requests for
  /// their own. A line keeps a shorter quiet by itself.
  virtual void stay_quiet(Duration) {}

  // What the conversation made of it, told by who judges (PackSession): a radio link that is up and says nothing
  // good has to be helped.
  virtual void heard() {}    ///< a good frame came
  virtual void unheard() {}  ///< the adapter gave up on silence
  /// Not needed for a while: what it holds (a radio link) is free for others.
  virtual void let_go() {}
  virtual LinkCounters counters() const { return {}; }

  /// Time is handed in, so that tests need not wait.
  virtual SteadyTime now() const = 0;
  virtual Task<void> sleep_until(SteadyTime when) = 0;
};

}  // namespace cellwarden
