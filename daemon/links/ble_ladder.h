#pragma once
// What is tried when a pack in sight does not speak, from mild to harsh; a good frame leads back to the ground.
//
//   failures in a row   the next attempt
//   1                   asks again
//   2, 3, 5             connects anew
//   4, every 10th       removes the device first
//   6, every 60th       power-cycles the adapter first
#include <cstdint>

namespace cellwarden::ble {

enum class Rung { ask_again, reconnect, remove_device, power_cycle };

class Ladder {
 public:
  void failed() { ++failures_; }
  void good_frame() { failures_ = 0; }
  std::uint64_t failures() const { return failures_; }

  Rung rung() const {
    if (failures_ <= 1) return Rung::ask_again;
    if (failures_ == 6 || failures_ % 60 == 0) return Rung::power_cycle;
    if (failures_ == 4 || failures_ % 10 == 0) return Rung::remove_device;
    return Rung::reconnect;
  }
  /// Everything was tried once.
  bool at_its_end() const { return failures_ > 6; }

 private:
  std::uint64_t failures_ = 0;
};

}  // namespace cellwarden::ble
