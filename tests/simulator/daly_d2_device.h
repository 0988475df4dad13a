#pragma once
// A Daly board's side of the D2 protocol (Modbus RTU, slave D2), written from daly.md section 2. Not from
// protocols/daly: a mistake must not hide on both sides of the wire.
#include <map>
#include <memory>

#include "tests/simulator/device.h"
#include "tests/simulator/keys.h"

namespace simulator {

struct DalyD2Options {
  bool has_mos_block = true;  ///< 003E..0046: some boards do not answer it
  std::chrono::milliseconds answer_time{20};
};

class DalyD2Device : public Device {
 public:
  DalyD2Device(PackModel& pack, DalyD2Options options) : pack_(pack), options_(options) {}

  std::vector<Answer> receive(const Octets& bytes) override;
  bool intact(const Octets& reply) const override;
  void link_opened() override { received_.clear(); }

 private:
  Octets answer(const Octets& request);
  void measure();
  void put_live(const Snapshot& now);
  void put_settings();
  void put_identity();
  void put_text(int from, const std::string& text, int registers);

  PackModel& pack_;
  DalyD2Options options_;
  Octets received_;
  std::map<int, int> registers_;  ///< those it has; the others read FFFF
};

std::unique_ptr<Device> make_daly_d2(PackModel& pack, Keys& keys);

}  // namespace simulator
