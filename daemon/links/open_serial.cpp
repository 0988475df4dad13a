// Opening a serial port, and saying in the owner's words why it cannot be opened.
#include <fcntl.h>
#include <grp.h>
#include <linux/serial.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "daemon/links/serial_port.h"
#include "daemon/links/serial_ports.h"

namespace cellwarden {

namespace {

namespace fs = std::filesystem;

constexpr std::pair<unsigned, speed_t> speeds[] = {{1200, B1200},   {2400, B2400},     {4800, B4800},
                                                   {9600, B9600},   {19200, B19200},   {38400, B38400},
                                                   {57600, B57600}, {115200, B115200}, {230400, B230400}};

/// "pid 812, "jbdtool"": who else has the port open, where /proc tells.
std::string holder(const std::string& path) {
  std::error_code error;
  const fs::path target = fs::canonical(path, error);
  for (const auto& process : fs::directory_iterator("/proc", error)) {
    const std::string pid = process.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos || pid == std::to_string(getpid())) continue;
    std::error_code hidden;  // other users' processes
    for (const auto& entry : fs::directory_iterator(process.path() / "fd", hidden)) {
      if (fs::read_symlink(entry.path(), hidden) != target) continue;
      std::string name;
      std::getline(std::ifstream(process.path() / "comm"), name);
      return " (pid " + pid + ", \"" + name + "\")";
    }
  }
  return "";
}

std::string ports_there() {
  std::string list;
  for (const SerialPortName& port : serial_ports()) list += "\n  serial:" + port.path;
  return list.empty() ? "no serial adapter is plugged in" : "these are here:" + list;
}

std::string group_of(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return "dialout";
  const group* owner = getgrgid(status.st_gid);
  return owner ? owner->gr_name : std::to_string(status.st_gid);
}

/// A descriptor until it is handed over.
struct Opened {
  int fd;
  ~Opened() {
    if (fd >= 0) ::close(fd);
  }
  int release() { return std::exchange(fd, -1); }
};

[[noreturn]] void refuse(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
    case ENXIO:
    case ENODEV:
      throw LinkLost("there is no port " + path + "; is the adapter plugged in? " + ports_there());
    case EACCES:
    case EPERM: {
      const std::string group = group_of(path);
      throw LinkLost("no rights to open " + path + "; add the user to group \"" + group + "\" (sudo usermod -aG " +
                     group + " $USER, then log in again)");
    }
    case EBUSY:
    case EWOULDBLOCK:
      throw LinkLost(path + " is in use by another program" + holder(path) +
                     "; stop it or give this pack another port");
    default:
      throw LinkLost("cannot open " + path + ": " + std::strerror(error));
  }
}

void set_line(int fd, const SerialSettings& settings) {
  termios line{};
  if (tcgetattr(fd, &line) != 0)
    throw LinkLost(settings.path + " is not a serial port; write the /dev/serial/by-id/... path of the adapter");

  speed_t speed = 0;
  for (const auto& [baud, code] : speeds) {
    if (baud == settings.baud) speed = code;
  }
  if (speed == 0)
    throw LinkLost(settings.path + ": " + std::to_string(settings.baud) +
                   " baud is no usual speed; most BMS speak 9600 or 115200");

  cfmakeraw(&line);
  line.c_cflag |= CLOCAL | CREAD;
  line.c_cflag &= ~static_cast<tcflag_t>(CSTOPB | PARENB | CRTSCTS);
  cfsetispeed(&line, speed);
  cfsetospeed(&line, speed);
  if (tcsetattr(fd, TCSANOW, &line) != 0)
    throw LinkLost("cannot set " + settings.path + " to " + std::to_string(settings.baud) +
                   " baud: " + std::strerror(errno));
  tcflush(fd, TCIOFLUSH);
}

void set_rs485(int fd, const std::string& path) {
  serial_rs485 mode{};
  mode.flags = SER_RS485_ENABLED | SER_RS485_RTS_ON_SEND;
  if (ioctl(fd, TIOCSRS485, &mode) != 0) {
    throw LinkLost("the driver of " + path +
                   " has no RS485 mode; most USB adapters switch by themselves: leave out rs485 = true");
  }
}

}  // namespace

int open_serial(const SerialSettings& settings) {
  const int access = settings.read_only ? O_RDONLY : O_RDWR;
  Opened port{::open(settings.path.c_str(), access | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
  if (port.fd < 0) refuse(settings.path, errno);

  // TIOCEXCL keeps out those who open later (but root); the lock tells two programs apart that both ask.
  if (flock(port.fd, LOCK_EX | LOCK_NB) != 0) refuse(settings.path, errno);
  set_line(port.fd, settings);
  ioctl(port.fd, TIOCEXCL);
  if (settings.rs485) set_rs485(port.fd, settings.path);
  return port.release();
}

}  // namespace cellwarden
