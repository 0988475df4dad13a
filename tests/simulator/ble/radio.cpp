#include "tests/simulator/ble/radio.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace simulator::ble {

using boost::system::error_code;

Radio::Radio(boost::asio::io_context& io)
    : timers_(io),
      controller_(timers_,
                  [this](const Octets& packet) {
                    error_code unplugged;
                    adapter_.write_some(boost::asio::buffer(packet), unplugged);
                  }),
      adapter_(io) {
  plug();
}

void Radio::add(const std::string& name, PeripheralOptions options, Device& device, Peripheral::Respond respond) {
  auto& peripheral = peripherals_[name];
  peripheral = std::make_unique<Peripheral>(std::move(options), timers_, device, std::move(respond));
  peripheral->on_link = [this, name](bool linked) {
    if (on_link) on_link(name, linked);
  };
  controller_.add(*peripheral);
}

void Radio::plug() {
  if (adapter_.is_open()) return;
  const int vhci = open("/dev/vhci", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (vhci < 0) throw std::runtime_error(std::string("/dev/vhci: ") + std::strerror(errno));
  adapter_.assign(vhci);
  constexpr std::array<std::uint8_t, 2> new_primary{0xFF, 0x00};
  error_code made_already;  // the kernel does so by itself when nobody has asked for one within a second
  adapter_.write_some(boost::asio::buffer(new_primary), made_already);
  hear();
}

void Radio::unplug() {
  if (!adapter_.is_open()) return;
  adapter_.close();
  controller_.reset();
}

/// One packet a read.
void Radio::hear() {
  adapter_.async_read_some(boost::asio::buffer(buffer_), [this](error_code error, std::size_t size) {
    if (error) return;
    controller_.receive(Octets(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size)));
    hear();
  });
}

bool Radio::obey(const std::string& command, const std::string& name, double number) {
  if (name == "adapter" && command == "unplug") return unplug(), true;
  if (name == "adapter" && command == "plug") return plug(), true;
  const auto at = peripherals_.find(name);
  if (at == peripherals_.end()) return false;
  Peripheral& board = *at->second;
  const Milliseconds length(std::lround(number * 1000));
  const int count = static_cast<int>(number);
  if (command == "drop") return board.drop(), true;
  if (command == "unplug") return board.leave(), true;
  if (command == "plug") return board.come_back(), true;
  if (command == "silence") return board.silence(length), true;
  if (command == "phone") return board.phone(length), true;
  if (command == "lose") return board.lose(count), true;
  if (command == "merge") return board.merge(count), true;
  return false;
}

}  // namespace simulator::ble
