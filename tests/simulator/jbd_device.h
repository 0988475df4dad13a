#pragma once
// The board's side of JBD's DD frames, written from jbd.md sections 1 to 3 and 6. Not from protocols/jbd: a mistake
// must not hide on both sides of the wire.
#include <memory>
#include <string>

#include "tests/simulator/device.h"
#include "tests/simulator/keys.h"

namespace simulator {

struct JbdOptions {
  std::string model = "SIM-JBD-LFP";
  bool has_fa = true;         ///< older boards lack the parameter read
  bool has_extension = true;  ///< humidity, alarm bits, full capacity, balance current
  bool old_reply = false;     ///< 2015: a reply begins DD A5, without its register (jbd.md 6)
  std::chrono::milliseconds answer_time{20};
};

class JbdDevice : public Device {
 public:
  JbdDevice(PackModel& pack, JbdOptions options) : pack_(pack), options_(std::move(options)) {}

  std::vector<Answer> receive(const Octets& bytes) override;
  bool intact(const Octets& reply) const override;

 private:
  Octets answer(const Octets& request);
  Octets read(std::uint8_t reg, const Octets& data);
  Octets reply(std::uint8_t reg, std::uint8_t status, const Octets& data) const;
  void take_snapshot();
  Octets basic_info() const;
  Octets parameters(const Octets& data) const;
  int parameter(int n) const;
  bool in_tens() const;

  PackModel& pack_;
  JbdOptions options_;
  Octets received_;
  Snapshot snapshot_;
  bool measured_ = false;
};

std::unique_ptr<Device> make_jbd(PackModel& pack, Keys& keys);

/// DD reg status len data sum 77, for a device's reply.
Octets jbd_reply(std::uint8_t reg, std::uint8_t status, const Octets& data);

}  // namespace simulator
