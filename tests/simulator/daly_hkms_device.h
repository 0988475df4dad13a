#pragma once
// A Daly board's side of the protocol of the H, K, M and S series (asked as 80 + n, answers as 50 + n), written from
// daly.md section 3. Not from protocols/daly: a mistake must not hide on both sides of the wire.
#include <map>
#include <memory>
#include <string>

#include "tests/simulator/device.h"
#include "tests/simulator/keys.h"

namespace simulator {

struct DalyHkmsOptions {
  int number = 1;
  enum Sleep { awake, zeros, silent } sleep = awake;
  std::chrono::milliseconds answer_time{20};
};

class DalyHkmsDevice : public Device {
 public:
  DalyHkmsDevice(PackModel& pack, DalyHkmsOptions options) : pack_(pack), options_(options) {}

  std::vector<Answer> receive(const Octets& bytes) override;
  bool intact(const Octets& reply) const override;
  void link_opened() override { received_.clear(); }

 private:
  int asked_as() const { return 0x80 + options_.number; }
  int answers_as() const { return 0x50 + options_.number; }
  Octets answer(const Octets& request);
  void measure();
  void put_live(const Snapshot& now);
  void put_alarms(const Snapshot& now);
  void put_settings();
  void put_text(int from, const std::string& text, int registers);
  void put_all(int from, const std::vector<int>& values);

  PackModel& pack_;
  DalyHkmsOptions options_;
  Octets received_;
  std::map<int, int> registers_;  ///< those it has; the others read FFFF
  int heartbeat_ = 0;
};

std::unique_ptr<Device> make_daly_hkms(PackModel& pack, Keys& keys);

}  // namespace simulator
