#pragma once
// A JBD board's side of the wire, written from jbd.md 1-3 and not from our codec: bytes in, bytes out.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/simulator/pack_model.h"

namespace simulator {

using Octets = std::vector<std::uint8_t>;

struct JbdOptions {
  std::string model = "SIM-JBD-LFP";
  bool has_fa = true;         ///< older boards lack the parameter read
  bool has_extension = true;  ///< humidity, alarm bits, full capacity, balance current
};

class JbdDevice {
 public:
  JbdDevice(PackModel& pack, JbdOptions options) : pack_(pack), options_(std::move(options)) {}

  /// Takes what arrived; returns the reply when a request is complete.
  Octets receive(const Octets& bytes);

  /// Every snapshot a poll has answered with: taken at 0x03, and the 0x04 after it tells the same.
  std::function<void(const Snapshot&)> on_snapshot;
  int writes_seen() const { return writes_seen_; }

 private:
  Octets answer(bool write, std::uint8_t reg, const Octets& data);
  Octets basic_info();
  Octets parameters(const Octets& data) const;
  int parameter(int n) const;

  PackModel& pack_;
  JbdOptions options_;
  Octets received_;
  Snapshot snapshot_;
  bool measured_ = false;
  int writes_seen_ = 0;
};

/// DD reg status len data sum 77, for a device's reply.
Octets jbd_reply(std::uint8_t reg, std::uint8_t status, const Octets& data);

}  // namespace simulator
