#include "tests/simulator/pty_plug.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace simulator {

using boost::system::error_code;

PtyPlug::PtyPlug(boost::asio::io_context& io, std::filesystem::path link, unsigned baud, Respond respond)
    : link_(std::move(link)), baud_(baud), respond_(std::move(respond)), master_(io), users_(io), pace_(io) {
  plug();
}

std::chrono::microseconds PtyPlug::wire_time(std::size_t bytes) const {
  return std::chrono::microseconds(bytes * 10 * 1'000'000 / baud_);
}

void PtyPlug::plug() {
  if (master_.is_open()) return;
  const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) throw std::runtime_error("no pseudo terminal");
  master_.assign(master);
  const std::filesystem::path terminal = ptsname(master);
  slave_ = open(terminal.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios raw{};
  tcgetattr(slave_, &raw);
  cfmakeraw(&raw);
  tcsetattr(slave_, TCSANOW, &raw);
  watch(terminal);
  hear();
  error_code left_over;
  std::filesystem::remove(link_, left_over);
  std::filesystem::create_symlink(terminal, link_);
}

void PtyPlug::unplug() {
  if (!master_.is_open()) return;
  std::error_code ignored;
  std::filesystem::remove(link_, ignored);
  stop_sending();
  users_.close();
  close(slave_);
  master_.close();
}

void PtyPlug::silence(std::chrono::milliseconds length) {
  silent_until_ = std::chrono::steady_clock::now() + length;
  stop_sending();
}

void PtyPlug::watch(const std::filesystem::path& terminal) {
  const int watch = inotify_init1(IN_CLOEXEC);
  if (watch < 0 || inotify_add_watch(watch, terminal.c_str(), IN_OPEN | IN_CLOSE) < 0)
    throw std::runtime_error("no inotify");
  users_.assign(watch);
  opened_ = 0;
  wait_for_users();
}

void PtyPlug::wait_for_users() {
  users_.async_read_some(boost::asio::buffer(events_), [this](error_code error, std::size_t size) {
    if (error) return;
    inotify_event event{};
    for (std::size_t at = 0; at + sizeof event <= size; at += sizeof event + event.len) {
      std::memcpy(&event, events_.data() + at, sizeof event);
      opened_ = event.mask & IN_OPEN ? opened_ + 1 : std::max(0, opened_ - 1);
      if (opened_ == 0) forget_user();
    }
    wait_for_users();
  });
}

/// A real port forgets with its last close: exclusive use (TIOCEXCL, perhaps of a killed program) and unread bytes.
void PtyPlug::forget_user() {
  stop_sending();
  ioctl(slave_, TIOCNXCL);
  tcflush(slave_, TCIFLUSH);
}

void PtyPlug::hear() {
  master_.async_read_some(boost::asio::buffer(buffer_), [this](error_code error, std::size_t size) {
    if (error) return;
    if (std::chrono::steady_clock::now() >= silent_until_) {
      for (Answer& answer : respond_(Octets(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size)))) {
        to_send_.push_back(std::move(answer));
      }
      if (!sends_) send_next();
    }
    hear();
  });
}

void PtyPlug::say(Answer unasked) {
  if (!is_used() || std::chrono::steady_clock::now() < silent_until_) return;
  to_send_.push_back(std::move(unasked));
  if (!sends_) send_next();
}

void PtyPlug::stop_sending() {
  pace_.cancel();
  to_send_.clear();
  sends_ = false;
}

/// The pty brings a request at once; a line would still be busy with it.
void PtyPlug::send_next() {
  sends_ = !to_send_.empty();
  if (!sends_) return;
  pace_.expires_after(wire_time(to_send_.front().request.size()) + to_send_.front().after);
  pace_.async_wait([this](error_code cancelled) {
    if (!cancelled && sends_) send_some();
  });
}

/// A UART's FIFO hands on a few bytes at a time, when they have had their time on the wire.
void PtyPlug::send_some() {
  constexpr std::size_t fifo = 8;
  const std::size_t size = std::min(fifo, to_send_.front().bytes.size());
  if (size == 0) {
    to_send_.pop_front();
    return send_next();
  }
  pace_.expires_at(pace_.expiry() + wire_time(size));
  pace_.async_wait([this, size](error_code cancelled) {
    if (cancelled || !sends_) return;
    Octets& bytes = to_send_.front().bytes;
    error_code error;
    master_.write_some(boost::asio::buffer(bytes.data(), size), error);
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    if (bytes.empty() && on_sent) on_sent();
    send_some();
  });
}

}  // namespace simulator
