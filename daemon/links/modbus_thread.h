#pragma once
// libmodbus waits by blocking; here it waits on a thread of its own while the io thread goes on. The port stays the io
// thread's: libmodbus has one end of a pair of sockets, and what passes is carried between the other end and the port.
//
//   port  <-- io thread: tap, deadline, echo -->  socket pair  <-- libmodbus, on its thread
//
// So the record shows every byte as it passed, a conversation that is cancelled closes its end of the pair and
// libmodbus returns at once, and a port that vanishes says so in its own words.
#include <boost/asio/thread_pool.hpp>

#include <functional>

#include "daemon/links/modbus_master.h"
#include "daemon/links/port.h"
#include "protocols/adapter.h"

namespace cellwarden {

class ModbusThread {
 public:
  /// Sees every chunk as it passed; what went over Modbus TCP as the RTU frames that it stands for.
  using Tap = std::function<void(Direction, Bytes)>;

  explicit ModbusThread(ModbusFraming framing) : framing_(framing), master_(framing), thread_(1) {}

  /// One transaction, for whoever holds the port, on its executor. `listener` hears what came once libmodbus has made
  /// up its mind, the intact frame and whatever came before it: so it counts what it refuses as on any other link.
  /// Throws LinkTimeout, AnswerRejected, LinkLost.
  Task<void> read(Port& port, RegisterRead what, Duration limit, const Tap& tap, const Link::Listener& listener);

 private:
  class Descriptor;
  Task<ModbusAnswer> ask(Descriptor socket, RegisterRead what);

  ModbusFraming framing_;
  ModbusMaster master_;  ///< of the thread, while it works
  boost::asio::thread_pool thread_;
};

}  // namespace cellwarden
