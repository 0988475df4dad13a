#pragma once
// A unit of JBD's UP series, written from jbd.md section 5. Not from protocols/jbd: a mistake must not hide on both
// sides of the wire. Unit 1 is the master on the line; what it forwards of a slave is the status alone, with a state of
// charge in whole percent and a firmware word of one byte.
#include <memory>
#include <string>

#include "tests/simulator/device.h"
#include "tests/simulator/keys.h"

namespace simulator {

struct JbdUpOptions {
  int number = 1;
  int packs = 1;      ///< unit 1: how many its limits are added up for
  bool sums = false;  ///< unit 1: its status, too, is all packs' together
  bool silent = false;
  std::chrono::milliseconds answer_time{20};
};

class JbdUpDevice : public Device {
 public:
  JbdUpDevice(PackModel& pack, JbdUpOptions options) : pack_(pack), options_(options) {}

  std::vector<Answer> receive(const Octets& bytes) override;
  bool intact(const Octets& reply) const override;

 private:
  bool is_master() const { return options_.number == 1; }
  Octets answer(const Octets& request);
  void take_snapshot();
  Octets status();
  Octets thresholds() const;
  Octets identity() const;
  Octets product() const;
  Octets own_status();
  std::string serial() const { return "SIMUP" + std::to_string(options_.number); }

  PackModel& pack_;
  JbdUpOptions options_;
  Octets received_;
  Snapshot snapshot_;
};

std::unique_ptr<Device> make_jbd_up(PackModel& pack, Keys& keys);

}  // namespace simulator
