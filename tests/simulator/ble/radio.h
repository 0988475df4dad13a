#pragma once
// The air: all Bluetooth boards of a run, and the adapter that hears them. The adapter is the kernel's: /dev/vhci makes
// one of this process.
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <map>
#include <memory>
#include <string>

#include "tests/simulator/ble/controller.h"

namespace simulator::ble {

class Radio {
 public:
  explicit Radio(boost::asio::io_context& io);

  void add(const std::string& name, PeripheralOptions options, Device& device, Peripheral::Respond respond);
  void plug();
  void unplug();
  /// Called when a central has come to that pack, and when it has gone.
  std::function<void(const std::string& name, bool linked)> on_link;

  /// "drop NAME", "unplug NAME" (out of range), "plug NAME", "silence NAME SECONDS", "phone NAME SECONDS",
  /// "lose NAME COUNT", "merge NAME COUNT" (notifications); unplug and plug of "adapter". Whether it was one.
  bool obey(const std::string& command, const std::string& name, double number);

 private:
  void hear();

  RealTimers timers_;
  Controller controller_;
  boost::asio::posix::stream_descriptor adapter_;
  std::array<std::uint8_t, 1024> buffer_{};
  std::map<std::string, std::unique_ptr<Peripheral>> peripherals_;  ///< by their packs' names
};

}  // namespace simulator::ble
