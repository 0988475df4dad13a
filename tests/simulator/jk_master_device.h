#pragma once
// A JK pack with DIP address 0: it is the master of its chain, and answers nobody (jk.md 3.5). A round:
//
//   each pack that was there  trigger 1620, trigger 161E      every 200 ms
//   every other address       trigger 1620, nobody answers    to 15, every 200 ms
//   itself                    its cells, its settings, unasked, 100 ms apart
//
// What it knows of who is there comes from the line: an answer's last word.
#include <deque>
#include <set>

#include "tests/simulator/jk_modbus_device.h"

namespace simulator {

class JkMasterDevice : public Device {
 public:
  JkMasterDevice(PackModel& pack, JkModbusOptions options) : pack_(pack), options_(std::move(options)) {}

  /// Nobody may say anything on its line but its packs, and these do so only when asked.
  std::vector<Answer> receive(const Octets& bytes) override;
  void overhear(const Octets& bytes) override;
  bool intact(const Octets& reply) const override;
  void link_opened() override { there_.clear(), round_.clear(); }
  std::vector<Octets> unasked() override;

 private:
  void begin_round();

  PackModel& pack_;
  JkModbusOptions options_;
  std::deque<Octets> round_;  ///< what is said at the next beats; empty: nothing
  std::set<int> there_;
};

/// `address` 0: the master; 1 to 15: a pack of its chain.
std::unique_ptr<Device> make_jk_chain(PackModel& pack, Keys& keys);

}  // namespace simulator
