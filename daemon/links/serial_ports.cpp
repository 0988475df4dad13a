#include "daemon/links/serial_ports.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace cellwarden {

namespace {

namespace fs = std::filesystem;

std::string real(const fs::path& path) {
  std::error_code error;
  return fs::canonical(path, error).string();
}

/// The kernel names ttyS0..3 whether or not there is a chip: type 0 means none.
bool has_hardware(const std::string& tty) {
  std::ifstream type("/sys/class/tty/" + tty + "/type");
  int number = -1;
  return !(type >> number) || number != 0;
}

bool is_uart(const std::string& tty) {
  constexpr std::string_view kinds[] = {"ttyUSB", "ttyACM", "ttyAMA", "ttyS", "ttySC", "ttymxc", "ttyXRUSB"};
  const auto digits = tty.find_first_of("0123456789");
  return digits != std::string::npos &&
         std::ranges::find(kinds, std::string_view(tty).substr(0, digits)) != std::end(kinds);
}

}  // namespace

std::vector<SerialPortName> serial_ports() {
  std::vector<SerialPortName> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/dev/serial/by-id", error))
    found.push_back({entry.path().string(), real(entry.path())});

  std::vector<SerialPortName> others;
  for (const auto& entry : fs::directory_iterator("/sys/class/tty", error)) {
    const std::string tty = entry.path().filename();
    const std::string device = "/dev/" + tty;
    const bool is_new = std::ranges::find(found, device, &SerialPortName::device) == found.end();
    if (is_new && is_uart(tty) && has_hardware(tty) && fs::exists(device, error)) others.push_back({device, device});
  }
  std::ranges::sort(found, {}, &SerialPortName::path);
  std::ranges::sort(others, {}, &SerialPortName::path);
  found.insert(found.end(), others.begin(), others.end());
  return found;
}

std::string lasting_name(const std::string& path) {
  const std::string device = real(path);
  for (const auto& port : serial_ports()) {
    if (port.device == device) return port.path;
  }
  return path;
}

}  // namespace cellwarden
