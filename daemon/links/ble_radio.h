#pragma once
// One adapter: its one long-lived discovery, its queue of those who connect, its power.
//
//   somebody seeks, nobody connects   discovery on (LE only)
//   somebody connects                 discovery paused; one at a time
//   nobody seeks                      discovery off
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/links/async_lock.h"
#include "daemon/links/ble_objects.h"

namespace cellwarden::ble {

class Bluez;

/// "AA:BB:CC:DD:EE:FF"
bool is_address(const std::string& text);

class Radio {
 public:
  Radio(Bluez& bluez, std::string path);

  const std::string& path() const { return path_; }
  std::string name() const { return last_part(path_); }

  /// Throws LinkLost.
  Task<void> switch_on();

  /// Listens until the device (address or name) is in sight; its path. Throws LinkLost after Times::sight.
  Task<Sighting> find(std::string wanted);
  /// Every device heard within `time`.
  Task<std::vector<Sighting>> look_around(Duration time);

  /// The right to connect: discovery pauses while it is held.
  class Turn {
   public:
    Turn(Radio& radio, AsyncLock::Held held) : radio_(&radio), held_(std::move(held)) {}
    Turn(Turn&& other) noexcept : radio_(std::exchange(other.radio_, nullptr)), held_(std::move(other.held_)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn();

   private:
    Radio* radio_;
    AsyncLock::Held held_;
  };
  Task<Turn> turn();

  /// bluetoothd forgets the device, its services with it, and finds it anew. With the turn held.
  Task<void> forget(std::string device_path);
  /// Off and on again; false, and nothing done, where another pack would suffer. With the turn held.
  Task<bool> power_cycle(const void* asked_by);

  /// Discovery ends where nobody seeks any more.
  void rest_if_idle();

  // From Bluez, as bluetoothd tells it.
  void on_discovery_ended() { discovering_ = false; }

 private:
  Task<void> listen();
  Task<void> stop_listening();
  struct OnAgain;
  Call power(bool on) const;
  Task<void> set_power(bool on);
  std::optional<Sighting> sighted(const std::string& wanted) const;
  void must_be_there() const;

  Bluez& bluez_;
  std::string path_;
  AsyncLock connecting_, switching_;
  bool discovering_ = false, paused_ = false;
};

}  // namespace cellwarden::ble
