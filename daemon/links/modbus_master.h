#pragma once
// Reading registers by libmodbus: the one place that knows of it. It blocks, so it runs on a thread of its own and sees
// a socket of its own, never a port (modbus_thread.h).
#include <memory>

#include "protocols/link.h"

struct _modbus;

namespace cellwarden {

enum class ModbusFraming { rtu, tcp };

/// What libmodbus made of one request.
struct ModbusAnswer {
  ///   whole    intact and from who was asked, be it a refusal
  ///   spoiled  something else came, or the beginning of something
  ///   none     the other end was closed, or a gateway says that the BMS keeps silent
  enum Kind { whole, spoiled, none } kind = none;
  Buffer frame = {};                        ///< of a `whole` one, as RTU
  FrameError why = FrameError::unexpected;  ///< of a `spoiled` one
};

class ModbusMaster {
 public:
  explicit ModbusMaster(ModbusFraming framing);
  ~ModbusMaster();
  ModbusMaster(const ModbusMaster&) = delete;

  /// Asks over `socket`; returns when an answer is whole or is none, or the other end is closed.
  ModbusAnswer read(int socket, const RegisterRead& what);

 private:
  ModbusAnswer read_rtu(const RegisterRead& what);
  ModbusAnswer read_tcp(const RegisterRead& what);

  ModbusFraming framing_;
  _modbus* context_;  ///< numbers the requests of Modbus TCP
};

}  // namespace cellwarden
