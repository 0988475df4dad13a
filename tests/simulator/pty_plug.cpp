#include "tests/simulator/pty_plug.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace simulator {

using boost::system::error_code;

PtyPlug::PtyPlug(boost::asio::io_context& io, std::filesystem::path link, unsigned baud, Respond respond)
    : link_(std::move(link)), baud_(baud), respond_(std::move(respond)), master_(io), openings_(io), pace_(io) {
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
  termios raw{};
  tcgetattr(master, &raw);
  cfmakeraw(&raw);
  tcsetattr(master, TCSANOW, &raw);
  const std::filesystem::path terminal = ptsname(master);
  watch_for_opening(terminal);
  error_code left_over;
  std::filesystem::remove(link_, left_over);
  std::filesystem::create_symlink(terminal, link_);
}

void PtyPlug::unplug() {
  if (!master_.is_open()) return;
  std::error_code ignored;
  std::filesystem::remove(link_, ignored);
  stop_sending();
  openings_.close();
  master_.close();
  hears_ = false;
}

void PtyPlug::silence(std::chrono::milliseconds length) {
  silent_until_ = std::chrono::steady_clock::now() + length;
  stop_sending();
}

/// The simulator must not hold the terminal open itself: a real port's exclusive use (TIOCEXCL) ends with the last
/// close. So the master hangs up whenever nobody has it, and must be told when somebody comes.
void PtyPlug::watch_for_opening(const std::filesystem::path& terminal) {
  const int watch = inotify_init1(IN_CLOEXEC);
  if (watch < 0 || inotify_add_watch(watch, terminal.c_str(), IN_OPEN) < 0) throw std::runtime_error("no inotify");
  openings_.assign(watch);
  wait_for_opening();
}

void PtyPlug::wait_for_opening() {
  openings_.async_read_some(boost::asio::buffer(events_), [this](error_code error, std::size_t) {
    if (error) return;
    if (!hears_) hear();
    wait_for_opening();
  });
}

void PtyPlug::hear() {
  hears_ = true;
  master_.async_read_some(boost::asio::buffer(buffer_), [this](error_code error, std::size_t size) {
    if (error == boost::asio::error::operation_aborted) return;
    if (error) {
      hears_ = false;
      stop_sending();
      return;
    }
    if (std::chrono::steady_clock::now() >= silent_until_) {
      for (Answer& answer : respond_(Octets(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size)))) {
        to_send_.push_back(std::move(answer));
      }
      if (!sends_) send_next();
    }
    hear();
  });
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
    send_some();
  });
}

}  // namespace simulator
