#pragma once
// A gateway between a network and a serial line, on a thread of its own. Modbus TCP is written here from the standard:
//
//   transaction u16 | protocol u16 = 0 | length u16, of what follows | unit u8 | function u8 | data
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "tests/protocols/modbus_frame.h"

namespace cellwarden::test {

class Gateway {
 public:
  enum class Kind { modbus_tcp, transparent };
  /// What the serial line says to what was written to it; empty: silence.
  using Serial = std::function<Buffer(const Buffer& written)>;

  Gateway(Kind kind, Serial serial, bool on_v6 = false) : kind_(kind), serial_(std::move(serial)) {
    listening_ = ::socket(on_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_storage at{};
    socklen_t size = on_v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    auto* v4 = reinterpret_cast<sockaddr_in*>(&at);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&at);
    at.ss_family = on_v6 ? AF_INET6 : AF_INET;
    if (on_v6) v6->sin6_addr = in6addr_loopback;
    if (!on_v6) v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listening_, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(listening_, 4) != 0 ||
        ::getsockname(listening_, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
      throw std::runtime_error("no gateway");
    }
    port_ = ntohs(on_v6 ? v6->sin6_port : v4->sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Gateway() {
    is_over_ = true;
    ::shutdown(listening_, SHUT_RDWR);
    hang_up();
    thread_.join();
    ::close(listening_);
  }
  Gateway(const Gateway&) = delete;

  std::string port() const { return std::to_string(port_); }
  int connections() const { return connections_; }
  /// Closes the connection it serves, as one that was idle for too long.
  void hang_up() {
    if (const int client = client_; client >= 0) ::shutdown(client, SHUT_RDWR);
  }
  /// Modbus TCP: answers come under the number of the request before.
  void answer_late(bool late) { is_late_ = late; }

 private:
  void serve() {
    while (!is_over_) {
      const int client = ::accept(listening_, nullptr, nullptr);
      if (client < 0) break;
      client_ = client;
      ++connections_;
      while (kind_ == Kind::modbus_tcp ? answer_modbus(client) : answer_bytes(client)) {
      }
      client_ = -1;
      ::close(client);
    }
  }

  static bool read_all(int from, std::uint8_t* into, std::size_t size) {
    return ::recv(from, into, size, MSG_WAITALL) == static_cast<ssize_t>(size);
  }

  bool answer_modbus(int client) {
    std::uint8_t head[7];
    if (!read_all(client, head, sizeof head)) return false;
    const std::size_t length = head[4] * 256U + head[5];
    if (head[2] != 0 || head[3] != 0 || length < 2 || length > 254) return false;
    Buffer frame(length);
    frame[0] = head[6];
    if (!read_all(client, frame.data() + 1, length - 1)) return false;

    Buffer reply = serial_(modbus_test::with_crc(frame));
    Buffer pdu{static_cast<std::uint8_t>(frame[1] | 0x80), 0x0B};  // the target does not respond
    if (!reply.empty() && modbus_test::intact_reply(reply, reply[0]) == reply.size())
      pdu.assign(reply.begin() + 1, reply.end() - 2);
    if (is_late_) --head[1];
    Buffer answer{head[0], head[1], 0, 0, 0, static_cast<std::uint8_t>(pdu.size() + 1), head[6]};
    answer.insert(answer.end(), pdu.begin(), pdu.end());
    return ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL) > 0;
  }

  bool answer_bytes(int client) {
    Buffer chunk(512);
    const ssize_t size = ::recv(client, chunk.data(), chunk.size(), 0);
    if (size <= 0) return false;
    chunk.resize(static_cast<std::size_t>(size));
    const Buffer said = serial_(chunk);
    return said.empty() || ::send(client, said.data(), said.size(), MSG_NOSIGNAL) > 0;
  }

  Kind kind_;
  Serial serial_;
  int listening_ = -1, port_ = 0;
  std::atomic<int> client_ = -1, connections_ = 0;
  std::atomic<bool> is_over_ = false, is_late_ = false;
  std::thread thread_;
};

/// The serial side of a gateway that stands at a port: all that comes until it is quiet there.
inline Gateway::Serial behind(const std::string& path) {
  return [path](const Buffer& written) {
    constexpr int answer_ms = 500, quiet_ms = 40;
    const int fd = ::open(path.c_str(), O_RDWR | O_NOCTTY);
    termios raw{};
    tcgetattr(fd, &raw);
    cfmakeraw(&raw);
    tcsetattr(fd, TCSANOW, &raw);
    Buffer said;
    pollfd ready{fd, POLLIN, 0};
    if (::write(fd, written.data(), written.size()) > 0) {
      while (::poll(&ready, 1, said.empty() ? answer_ms : quiet_ms) > 0) {
        Buffer chunk(512);
        const ssize_t size = ::read(fd, chunk.data(), chunk.size());
        if (size <= 0) break;
        said.insert(said.end(), chunk.begin(), chunk.begin() + size);
      }
    }
    ::close(fd);
    return said;
  };
}

}  // namespace cellwarden::test
