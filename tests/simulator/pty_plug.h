#pragma once
// A device on a pseudo terminal, at the pace of a real line. A symlink stands for the by-id path: pulling the plug
// takes it away, plugging in brings a new terminal under the same name.
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>

#include "tests/simulator/jbd_device.h"

namespace simulator {

struct LineOptions {
  unsigned baud = 9600;
  std::chrono::milliseconds answer_time{20};
};

class PtyPlug {
 public:
  /// `respond`: request bytes as they came -> what the wire brings back.
  using Respond = std::function<Octets(const Octets&)>;

  PtyPlug(boost::asio::io_context& io, std::filesystem::path link, LineOptions options, Respond respond);
  ~PtyPlug() { unplug(); }
  PtyPlug(const PtyPlug&) = delete;
  PtyPlug& operator=(const PtyPlug&) = delete;

  void plug();
  void unplug();
  /// Hears nothing and says nothing for that long.
  void silence(std::chrono::milliseconds length);

 private:
  void hear();
  void send_some();
  std::chrono::microseconds wire_time(std::size_t bytes) const;

  std::filesystem::path link_;
  LineOptions options_;
  Respond respond_;
  boost::asio::posix::stream_descriptor master_;
  int slave_ = -1;  ///< held open: the master must not see a hang-up while nobody has the port
  boost::asio::steady_timer pace_;
  std::array<std::uint8_t, 256> buffer_{};
  Octets to_send_;
  std::chrono::steady_clock::time_point silent_until_{};
};

}  // namespace simulator
