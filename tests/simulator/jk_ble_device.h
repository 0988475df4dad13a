#pragma once
// A JK board's side of its Bluetooth stream, written from jk.md 1.2 to 1.10. Not from protocols/jk: a mistake must not
// hide on both sides of the wire. The two files: the conversation, and what stands in the frames (jk_ble_frames).
//
//   request, 20 bytes: AA 55 90 EB | command | length | value ... | sum8      97 who, 96 settings and stream, A1
//   logbook frame, 300 bytes:  55 AA EB 90 | type | counter | ... | sum8              03 who, 01 settings, 02 cells, 05
//   logbook
#include <memory>

#include "tests/simulator/device.h"
#include "tests/simulator/jk_ble_frames.h"
#include "tests/simulator/keys.h"

namespace simulator {

class JkBleDevice : public Device {
 public:
  JkBleDevice(PackModel& pack, JkBleOptions options) : pack_(pack), options_(std::move(options)) {}

  std::vector<Answer> receive(const Octets& bytes) override;
  bool intact(const Octets& reply) const override;
  void link_opened() override;
  std::vector<Octets> unasked() override;

 private:
  Octets answer(const Octets& request);
  Octets cell_frame();

  PackModel& pack_;
  JkBleOptions options_;
  Octets received_;
  bool was_asked_who_ = false, streams_ = false, module_chatters_ = false;
  int beats_ = 0;
  std::uint8_t counter_ = 0;
};

std::unique_ptr<Device> make_jk_ble(PackModel& pack, Keys& keys);

}  // namespace simulator
