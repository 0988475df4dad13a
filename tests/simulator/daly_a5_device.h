#pragma once
// A Daly board's side of the A5 frames, written from daly.md section 1. Not from protocols/daly: a mistake must not
// hide on both sides of the wire.
#include <array>
#include <memory>

#include "tests/simulator/device.h"
#include "tests/simulator/keys.h"

namespace simulator {

struct DalyA5Options {
  int number = 1;            ///< listens to host 40 + number - 1, answers as number
  bool all_frames = false;   ///< 16 and 3 frames a list, as over Bluetooth; else as many as the pack needs, and 2
  bool has_settings = true;  ///< older boards know the live commands alone
  enum Sleep { awake, zeros, silent } sleep = awake;
  std::chrono::milliseconds answer_time{20};
};

class DalyA5Device : public Device {
 public:
  DalyA5Device(PackModel& pack, DalyA5Options options) : pack_(pack), options_(options) {}

  std::vector<Answer> receive(const Octets& bytes) override;
  bool intact(const Octets& reply) const override;

  void sleep(DalyA5Options::Sleep how) { options_.sleep = how; }

 private:
  Octets answer(const Octets& request);
  Octets live(int command);
  Octets settings(int command);
  Octets temperatures(const Snapshot& now);
  Octets cells(const Snapshot& now);
  Octets text(int command, const std::string& words, int frames);
  void take_snapshot();
  void put16(std::size_t at, int value);
  void put32(std::size_t at, long value);
  Octets frame(int command) const;

  PackModel& pack_;
  DalyA5Options options_;
  Octets received_;
  /// What an answer does not fill keeps what an earlier one left there (daly.md 1.1).
  std::array<std::uint8_t, 8> payload_{};
  Snapshot snapshot_;
  bool fresh_ = false;  ///< 0x94 has just measured; the 0x90 behind it tells the same
  std::uint8_t life_ = 0;
};

std::unique_ptr<Device> make_daly_a5(PackModel& pack, Keys& keys);

}  // namespace simulator
