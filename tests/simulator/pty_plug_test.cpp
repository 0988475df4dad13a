// The plug as a service meets it: a path that is opened, a line that hangs up, the same path again.
#include "tests/simulator/pty_plug.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "tests/support/run_until.h"

using namespace simulator;

namespace {

/// A port under its path, opened without waiting.
class Port {
 public:
  explicit Port(const std::filesystem::path& path) : fd_(open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK)) {}
  ~Port() {
    if (fd_ >= 0) close(fd_);
  }
  Port(const Port&) = delete;

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  void say(const Octets& bytes) const { REQUIRE(write(fd_, bytes.data(), bytes.size()) == std::ssize(bytes)); }
  Octets heard() const {
    Octets bytes(256);
    const ssize_t size = read(fd_, bytes.data(), bytes.size());
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
  }
  bool hung_up() const {
    pollfd state{fd_, POLLIN, 0};
    return poll(&state, 1, 0) == 1 && (state.revents & POLLHUP) != 0;
  }

 private:
  int fd_;
};

/// A line whose far end answers each byte in turn with that byte and the next number.
struct Desk {
  Desk() {
    char name[] = "/tmp/cellwarden-plug-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    folder = name;
    path = folder / "port";
    plug.emplace(io, path, 230400, [this](const Octets& bytes) {
      std::vector<Answer> answers;
      for (const std::uint8_t byte : bytes) {
        heard.push_back(byte);
        answers.push_back({{byte}, {byte, static_cast<std::uint8_t>(byte + 1)}, std::chrono::milliseconds(1)});
      }
      return answers;
    });
  }
  ~Desk() {
    plug.reset();
    std::filesystem::remove_all(folder);
  }
  template <class Condition>
  bool until(Condition condition) {
    return run_until(io, condition);
  }
  bool answers(const Port& port, const Octets& question, const Octets& answer) {
    port.say(question);
    Octets got;
    return until([&] {
      const Octets more = port.heard();
      got.insert(got.end(), more.begin(), more.end());
      return got == answer;
    });
  }

  boost::asio::io_context io;
  std::filesystem::path folder, path;
  Octets heard;
  std::optional<PtyPlug> plug;
};

}  // namespace

TEST_CASE("plug: answers come in turn, and again to the next who opens the port") {
  Desk desk;
  {
    Port port(desk.path);
    REQUIRE(port.is_open());
    CHECK(desk.answers(port, {0x10, 0x20}, {0x10, 0x11, 0x20, 0x21}));
  }
  Port port(desk.path);
  REQUIRE(port.is_open());
  CHECK(desk.answers(port, {0x0D, 0x0A}, {0x0D, 0x0E, 0x0A, 0x0B}));  // raw: no line editing
}

TEST_CASE("plug: unplugged, the reader hangs up and the path is gone; replugged, it is back under the same path") {
  Desk desk;
  Port port(desk.path);
  CHECK(desk.answers(port, {1}, {1, 2}));
  CHECK_FALSE(port.hung_up());
  desk.plug->unplug();
  CHECK(port.hung_up());
  CHECK(port.heard().empty());
  CHECK_FALSE(Port(desk.path).is_open());
  desk.plug->plug();
  Port again(desk.path);
  REQUIRE(again.is_open());
  CHECK(desk.answers(again, {3}, {3, 4}));
}

TEST_CASE("plug: silent, it neither hears nor answers, and what it was about to say is not said") {
  Desk desk;
  Port port(desk.path);
  CHECK(desk.answers(port, {1}, {1, 2}));
  desk.plug->silence(std::chrono::hours(1));
  port.say({7});
  desk.io.run_for(std::chrono::milliseconds(50));  // a guard of what must not happen
  CHECK(desk.heard == Octets{1});
  CHECK(port.heard().empty());
  desk.plug->silence(std::chrono::milliseconds(0));
  CHECK(desk.answers(port, {9}, {9, 10}));
}

TEST_CASE("plug: exclusive use ends with the last close, as a real port's does") {
  Desk desk;
  const auto exclusive = [](const Port& port) {
    int is = 0;
    REQUIRE(ioctl(port.fd(), TIOCGEXCL, &is) == 0);
    return is != 0;
  };
  {
    Port killed(desk.path);
    REQUIRE(ioctl(killed.fd(), TIOCEXCL) == 0);
    CHECK(exclusive(killed));
  }
  CHECK(desk.until([&] {
    Port next(desk.path);
    return next.is_open() && !exclusive(next);
  }));
}
