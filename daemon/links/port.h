#pragma once
// One way to the outside: a serial port here, others beside it. Reads and writes bytes; knows nothing of frames.
#include <string>

#include "protocols/link.h"

namespace cellwarden {

class Port {
 public:
  virtual ~Port() = default;

  virtual bool is_open() const = 0;
  /// Throws LinkLost: the text says what is wrong with it and what to try.
  virtual Task<void> open() = 0;
  virtual void close() = 0;

  /// Throws LinkLost.
  virtual Task<void> write(Bytes bytes) = 0;
  /// What has arrived, at least one byte. Throws LinkTimeout when nothing came by `deadline`, LinkLost.
  virtual Task<Buffer> read(SteadyTime deadline) = 0;
  /// Drops what has arrived and was not read.
  virtual void drop_unread() = 0;

  /// How registers are read over it.
  ///   frames     by RTU frames of our own, as any other exchange
  ///   modbus     by libmodbus, RTU            modbus_tcp  by libmodbus: a gateway that speaks nothing else
  enum class Registers { frames, modbus, modbus_tcp };
  virtual Registers registers() const { return Registers::frames; }

  /// How long `bytes` take on the wire.
  virtual Duration wire_time(std::size_t bytes) const = 0;
  /// As the owner writes it: "serial:/dev/ttyUSB0".
  virtual std::string name() const = 0;

  /// A good frame came over it; a whole conversation brought none.
  virtual void heard() {}
  virtual void unheard() {}
  /// Not needed for a while: others may have what it holds.
  virtual void let_go() { close(); }
  virtual LinkCounters counters() const { return {}; }
};

}  // namespace cellwarden
