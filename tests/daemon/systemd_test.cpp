// What systemd hears of the service, over its own socket.
#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>

#include "tests/daemon/house.h"

namespace {

class NotifySocket {
 public:
  explicit NotifySocket(const std::string& path) : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    path.copy(at.sun_path, sizeof at.sun_path - 1);
    if (bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) throw std::runtime_error("bind " + path);
    // For a test that fails: nobody waits for ever.
    const timeval guard{60, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &guard, sizeof guard);
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
    setenv("WATCHDOG_USEC", "200000", 1);
  }
  ~NotifySocket() {
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    close(fd_);
  }

  bool hears(const std::string& text) {
    char message[512];
    for (;;) {
      const ssize_t size = recv(fd_, message, sizeof message, 0);
      if (size < 0) return false;
      if (std::string(message, static_cast<std::size_t>(size)).find(text) != std::string::npos) return true;
    }
  }

 private:
  int fd_;
};

}  // namespace

TEST_CASE("systemd hears that the service is ready, alive, reloading and stopping") {
  House house;
  NotifySocket systemd(house.file("notify"));
  house.start_service();  // no broker yet: ready does not wait for it
  CHECK(systemd.hears("READY=1"));
  CHECK(systemd.hears("WATCHDOG=1"));
  CHECK(systemd.hears("WATCHDOG=1"));
  house.service->tell(SIGHUP);
  CHECK(systemd.hears("RELOADING=1"));
  CHECK(systemd.hears("READY=1"));
  CHECK(house.service->end(SIGTERM) == 0);
  CHECK(systemd.hears("STOPPING=1"));
}
