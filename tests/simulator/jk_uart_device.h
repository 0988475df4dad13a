#pragma once
// The board's side of JK's 4E57 frames, written from jk.md 2. Not from protocols/jk: a mistake must not hide on both
// sides of the wire.
#include <memory>
#include <string>

#include "tests/simulator/device.h"
#include "tests/simulator/keys.h"

namespace simulator {

struct JkUartOptions {
  std::string model = "JK-B2A24S20P";  ///< up to 12 characters
  bool old_current = false;            ///< protocol version 0: 10000 - current
  std::chrono::milliseconds answer_time{100};
};

class JkUartDevice : public Device {
 public:
  JkUartDevice(PackModel& pack, JkUartOptions options) : pack_(pack), options_(std::move(options)) {}

  std::vector<Answer> receive(const Octets& bytes) override;
  bool intact(const Octets& reply) const override;

 private:
  Octets answer(const Octets& request);
  Snapshot measured();
  Octets live_tags(const Snapshot& now) const;
  Octets setting_tags() const;

  PackModel& pack_;
  JkUartOptions options_;
  Octets received_;
};

std::unique_ptr<Device> make_jk_uart(PackModel& pack, Keys& keys);

/// 4E 57, length, terminal number, command, source, 01, tags, record number, 68, 00 00, sum.
Octets jk_uart_reply(std::uint8_t command, const Octets& tags);

}  // namespace simulator
