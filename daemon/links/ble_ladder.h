#pragma once
// What is tried when a pack in sight does not speak, from mild to harsh; a good frame leads back to the ground.
//
//   failures in a row   the next attempt, once each
//   1                   asks again
//   2, 3, 5             connects anew
//   4, every 10th       removes the device first
//   6, every 60th       power-cycles the adapter first
#include <cstdint>
#include <utility>

namespace cellwarden::ble {

enum class Rung { ask_again, reconnect, remove_device, power_cycle };

class Ladder {
 public:
  /// Another attempt: that of before failed, if it got as far as the device and was not forgiven.
  void begin() {
    if (tried_) failed();
  }
  void try_it() { tried_ = true; }    ///< the device is in sight
  void forgive() { tried_ = false; }  ///< it failed by what no rung mends

  void failed() {
    tried_ = false;
    ++failures_;
  }
  void good_frame() { *this = {}; }

  /// The rung that is due: each but once.
  Rung climb() {
    const bool climbed = std::exchange(climbed_, failures_) == failures_;
    return climbed ? Rung::ask_again : rung();
  }

  Rung rung() const {
    if (failures_ <= 1) return Rung::ask_again;
    if (failures_ == 6 || failures_ % 60 == 0) return Rung::power_cycle;
    if (failures_ == 4 || failures_ % 10 == 0) return Rung::remove_device;
    return Rung::reconnect;
  }

 private:
  std::uint64_t failures_ = 0;
  std::uint64_t climbed_ = 0;  ///< failures for which it was climbed already
  bool tried_ = false;
};

}  // namespace cellwarden::ble
