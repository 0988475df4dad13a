#pragma once
// A mosquitto of the test's own, on a free port of the loopback and with nothing kept on disk. It and a plain client
// to look at what it holds.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace cellwarden::test {

/// A directory of its own that goes away with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    char name[] = "/tmp/cellwarden-test-XXXXXX";
    if (!::mkdtemp(name)) throw std::runtime_error("mkdtemp");
    path = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  std::filesystem::path path;
};

inline sockaddr_in loopback(int port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

/// A port nobody listens on, given by the kernel: a stranger's broker would accept us silently.
inline int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  auto at = loopback(0);
  socklen_t size = sizeof at;
  const bool ok = ::bind(fd, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
                  ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) == 0;
  ::close(fd);
  if (!ok) throw std::runtime_error("no free port");
  return ntohs(at.sin_port);
}

inline bool answers(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  auto at = loopback(port);
  const bool ok = ::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
  ::close(fd);
  return ok;
}

class Broker {
 public:
  /// `settings`: further lines of mosquitto.conf, after the listener's.
  explicit Broker(std::string settings = "allow_anonymous true\n", int port_ = free_port())
      : port(port_), settings_(std::move(settings)) {}
  ~Broker() { stop(); }
  Broker(const Broker&) = delete;

  void start() {
    if (answers(port)) throw std::runtime_error("the port is taken");
    const auto file = directory.path / "mosquitto.conf";
    std::ofstream(file) << "listener " << port << " 127.0.0.1\npersistence false\nuser root\n" << settings_;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves no broker behind
      if (!std::freopen((directory.path / "log").c_str(), "a", stderr)) ::_exit(126);
      ::execl("/usr/sbin/mosquitto", "mosquitto", "-c", file.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!answers(port)) {
      if (std::chrono::steady_clock::now() > give_up || ::waitpid(pid_, nullptr, WNOHANG) != 0)
        throw std::runtime_error("mosquitto does not start");
      ::usleep(2000);
    }
  }

  /// Killed as by a power cut: what it held is gone.
  void stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

  std::string url(const std::string& scheme = "mqtt") const { return scheme + "://127.0.0.1:" + std::to_string(port); }

  TemporaryDirectory directory;
  const int port;

 private:
  std::string settings_;
  pid_t pid_ = -1;
};

}  // namespace cellwarden::test
