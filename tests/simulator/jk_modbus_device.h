#pragma once
// A JK PB pack on RS485, written from jk.md 3. Not from protocols/jk: a mistake must not hide on both sides of the
// wire.
//
//   read     address | 03 | start | count | crc       start: an area's number + the BYTE offset of what is wanted
//   reply    address | 03 | bytes | words, BE | crc   refusal: address | 83 | 02 | crc, beyond an area's end
//   trigger  address | 10 | what | 00 01 02 00 00 | crc      what: 1620 cells, 161E settings, 161C who it is
//   reply    a frame of 300 bytes as over Bluetooth | 00 | address | 10 | what | 00 01 | crc | 00
//
// Another address, or a CRC that does not fit: silence.
#include <memory>

#include "tests/simulator/device.h"
#include "tests/simulator/jk_ble_frames.h"
#include "tests/simulator/keys.h"

namespace simulator {

struct JkModbusOptions {
  int address = 1;
  bool has_more_temps = true;  ///< T3 to T5, behind the first 120 registers of the live area
  bool answers_reads = true;   ///< some answer triggers only (jk.md 3.6)
  bool answers_triggers = true;
  std::string model = "JK_PB2A16S20P", software = "15.41";
  std::chrono::milliseconds answer_time{10};
};

class JkModbusDevice : public Device {
 public:
  JkModbusDevice(PackModel& pack, JkModbusOptions options) : pack_(pack), options_(std::move(options)) {}

  std::vector<Answer> receive(const Octets& bytes) override;
  bool intact(const Octets& reply) const override;
  void link_opened() override { received_.clear(); }

 private:
  Octets answer(const Octets& request);
  Octets read(const Octets& request);
  Octets triggered(const Octets& request);
  void measure();

  PackModel& pack_;
  JkModbusOptions options_;
  Octets received_;
  Octets live_;  ///< the area's bytes, of the last read that began it
};

/// What a JK says of itself on its RS485 line.
JkBleOptions jk_on_rs485(const JkModbusOptions& options);

std::unique_ptr<Device> make_jk_modbus(PackModel& pack, Keys& keys);

}  // namespace simulator
