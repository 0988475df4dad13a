#pragma once
// Devices on a pseudo terminal, at the pace of a real line. A symlink stands for the by-id path: pulling the plug
// takes it away, plugging in brings a new terminal under the same name.
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>

#include "tests/simulator/device.h"

namespace simulator {

class PtyPlug {
 public:
  /// Bytes as they came in -> what the wire brings back, in that order.
  using Respond = std::function<std::vector<Answer>(const Octets&)>;

  PtyPlug(boost::asio::io_context& io, std::filesystem::path link, unsigned baud, Respond respond);
  ~PtyPlug() { unplug(); }
  PtyPlug(const PtyPlug&) = delete;
  PtyPlug& operator=(const PtyPlug&) = delete;

  void plug();
  void unplug();
  /// Somebody has the port open.
  bool is_used() const { return opened_ > 0; }
  /// Goes out behind what is still to be sent; nobody has asked for it.
  void say(Answer unasked);
  /// Called when an answer's last byte has gone out.
  std::function<void()> on_sent;
  /// Hears nothing and says nothing for that long.
  void silence(std::chrono::milliseconds length);

 private:
  void watch(const std::filesystem::path& terminal);
  void wait_for_users();
  void forget_user();
  void hear();
  void send_next();
  void send_some();
  void stop_sending();
  std::chrono::microseconds wire_time(std::size_t bytes) const;

  std::filesystem::path link_;
  unsigned baud_;
  Respond respond_;
  boost::asio::posix::stream_descriptor master_;
  boost::asio::posix::stream_descriptor users_;  ///< inotify: who opens and closes the terminal
  boost::asio::steady_timer pace_;
  std::array<std::uint8_t, 256> buffer_{};
  alignas(8) std::array<char, 512> events_{};
  int slave_ = -1;  ///< held open: the master must not see a hang-up while nobody has the port
  int opened_ = 0;  ///< by others
  bool sends_ = false;
  std::deque<Answer> to_send_;
  std::chrono::steady_clock::time_point silent_until_{};
};

}  // namespace simulator
