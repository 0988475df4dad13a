#include "tests/simulator/pty_plug.h"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace simulator {

PtyPlug::PtyPlug(boost::asio::io_context& io, std::filesystem::path link, LineOptions options, Respond respond)
    : link_(std::move(link)), options_(options), respond_(std::move(respond)), master_(io), pace_(io) {
  plug();
}

std::chrono::microseconds PtyPlug::wire_time(std::size_t bytes) const {
  return std::chrono::microseconds(bytes * 10 * 1'000'000 / options_.baud);
}

void PtyPlug::plug() {
  if (master_.is_open()) return;
  const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) throw std::runtime_error("no pseudo terminal");
  const std::filesystem::path slave = ptsname(master);
  slave_ = open(slave.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios raw{};
  tcgetattr(slave_, &raw);
  cfmakeraw(&raw);
  tcsetattr(slave_, TCSANOW, &raw);
  master_.assign(master);
  std::filesystem::remove(link_);
  std::filesystem::create_symlink(slave, link_);
  hear();
}

void PtyPlug::unplug() {
  if (!master_.is_open()) return;
  std::error_code ignored;
  std::filesystem::remove(link_, ignored);
  pace_.cancel();
  to_send_.clear();
  close(slave_);
  master_.close();
}

void PtyPlug::silence(std::chrono::milliseconds length) { silent_until_ = std::chrono::steady_clock::now() + length; }

void PtyPlug::hear() {
  master_.async_read_some(boost::asio::buffer(buffer_), [this](boost::system::error_code error, std::size_t size) {
    if (error) return;
    if (std::chrono::steady_clock::now() >= silent_until_) {
      const Octets reply = respond_(Octets(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size)));
      if (!reply.empty()) {
        to_send_.insert(to_send_.end(), reply.begin(), reply.end());
        pace_.expires_after(wire_time(size) + options_.answer_time);
        pace_.async_wait([this](boost::system::error_code cancelled) {
          if (!cancelled) send_some();
        });
      }
    }
    hear();
  });
}

/// A UART's FIFO hands on a few bytes at a time, when they have had their time on the wire.
void PtyPlug::send_some() {
  constexpr std::size_t fifo = 8;
  const std::size_t size = std::min(fifo, to_send_.size());
  if (size == 0 || !master_.is_open()) return;
  pace_.expires_after(wire_time(size));
  pace_.async_wait([this, size](boost::system::error_code cancelled) {
    if (cancelled || !master_.is_open()) return;
    boost::system::error_code error;
    master_.write_some(boost::asio::buffer(to_send_.data(), size), error);
    to_send_.erase(to_send_.begin(), to_send_.begin() + static_cast<std::ptrdiff_t>(size));
    send_some();
  });
}

}  // namespace simulator
