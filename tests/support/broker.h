#pragma once
// A mosquitto of the test's own, on a free port of the loopback and with nothing kept on disk. It and a plain client
// to look at what it holds.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace cellwarden::test {

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

class Broker {
 public:
  /// `settings`: further lines of mosquitto.conf, after the listener's.
  explicit Broker(std::string settings = "allow_anonymous true\n", int port_ = free_port())
      : port(port_), settings_(std::move(settings)) {}
  Broker(const Broker&) = delete;

  /// Returns when it listens: its own words say so.
  void start() {
    const auto file = directory.path / "mosquitto.conf";
    // Without a line per client: nobody reads on once it runs.
    std::ofstream(file) << "listener " << port << " 127.0.0.1\npersistence false\nuser root\n"
                        << "log_dest stderr\nconnection_messages false\n"
                        << settings_;
    process_ = std::make_unique<Process>(
        std::vector<std::string>{"sh", "-c", "exec /usr/sbin/mosquitto -c \"$0\" 2>&1", file.string()});
    std::string said;
    const auto running = process_->wait_for([&](const std::string& line) {
      said += line + "\n";
      return line.ends_with(" running");
    });
    if (!running) throw std::runtime_error("mosquitto does not start:\n" + said);
  }

  /// Killed as by a power cut: what it held is gone.
  void stop() { process_.reset(); }

  std::string url(const std::string& scheme = "mqtt") const { return scheme + "://127.0.0.1:" + std::to_string(port); }

  TemporaryDirectory directory;
  const int port;

 private:
  std::string settings_;
  std::unique_ptr<Process> process_;
};

}  // namespace cellwarden::test
