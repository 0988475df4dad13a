#pragma once
// The seam between batteries and wires. A Device is one board as its wire sees it: bytes in, answers out. It knows its
// protocol and its pack, never the plug (pty, socket) nor a clock. Several devices may hang on one line: each hears
// every request and answers those for its own address.
#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "tests/simulator/pack_model.h"

namespace simulator {

using Octets = std::vector<std::uint8_t>;

struct Answer {
  Octets request;  ///< what it answers: a line with an echo gives it back
  Octets bytes;
  std::chrono::milliseconds after{20};  ///< from the request's last byte to the answer's first
};

class Device {
 public:
  virtual ~Device() = default;

  /// Takes what arrived, in pieces of any size. One answer for every whole request, in their order.
  virtual std::vector<Answer> receive(const Octets& bytes) = 0;
  /// A reader would take exactly these bytes for a good reply: damage that does not show.
  virtual bool intact(const Octets& reply) const = 0;

  /// Another board of its line says that.
  virtual void overhear(const Octets&) {}

  // Boards that talk by themselves: over Bluetooth, and the master of a chain.
  /// Another central is there: what an older one asked for is void.
  virtual void link_opened() {}
  /// What it says without a request; asked for every `beat` while somebody listens.
  virtual std::vector<Octets> unasked() { return {}; }
  static constexpr std::chrono::milliseconds beat{100};

  /// Called with every reading the board answers with, rounded to what it sends: the truth of the tests.
  std::function<void(const Snapshot&)> on_snapshot;
  /// Called with every request that is not a read. Nothing under test may ever send one.
  std::function<void(const Octets&)> on_write;
};

}  // namespace simulator
