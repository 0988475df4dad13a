#pragma once
// A serial line at the far end of a network: a gateway that passes bytes on as they are, or one that speaks Modbus TCP
// and nothing else.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string>

#include "daemon/links/port.h"

namespace cellwarden {

struct TcpSettings {
  std::string host, port;
  bool speaks_modbus = false;  ///< Modbus TCP
  bool read_only = false;      ///< only listening
};

class TcpPort : public Port {
 public:
  TcpPort(boost::asio::any_io_executor executor, TcpSettings settings)
      : settings_(std::move(settings)), socket_(executor) {}

  /// False too when the gateway has closed an idle connection: the next request makes a new one.
  bool is_open() const override;
  /// Throws LinkLost: the name is unknown, nobody listens there, no way there, no answer within a few seconds.
  Task<void> open() override;
  void close() override;
  Task<void> write(Bytes bytes) override;
  Task<Buffer> read(SteadyTime deadline) override;
  void drop_unread() override;
  Registers registers() const override { return settings_.speaks_modbus ? Registers::modbus_tcp : Registers::modbus; }
  /// Nobody knows the far end's baud rate: what a network and the gateway need at most, in good days.
  Duration wire_time(std::size_t bytes) const override;
  std::string name() const override { return (settings_.speaks_modbus ? "tcp:" : "rtu+tcp:") + place(); }

 private:
  using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;
  std::string place() const;
  Task<Endpoints> find();
  Task<void> connect(const Endpoints& endpoints);
  void keep_alive();
  [[noreturn]] void lost(const boost::system::error_code& why);

  TcpSettings settings_;
  boost::asio::ip::tcp::socket socket_;
};

}  // namespace cellwarden
