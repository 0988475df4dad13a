#include "daemon/links/tcp_port.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "daemon/links/timed_read.h"

namespace cellwarden {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

namespace {

constexpr Duration longest_connect = 5s;
constexpr Duration way_there_and_back = 200ms;
/// A talker that never stops must not hold the program.
constexpr int most_dropped = 256;
/// A gateway that lost its power says nothing: asked after this silence, given up after three times the next.
constexpr int idle_s = 30, probe_s = 10, probes = 3;
/// Sent bytes that nobody acknowledges.
constexpr int unacknowledged_ms = 10'000;

template <int Level, int Name>
void set(tcp::socket& socket, int value) {
  boost::system::error_code ignored;
  socket.set_option(asio::detail::socket_option::integer<Level, Name>(value), ignored);
}

}  // namespace

std::string TcpPort::place() const {
  const bool is_v6 = settings_.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + settings_.host + "]" : settings_.host) + ":" + settings_.port;
}

bool TcpPort::is_open() const {
  if (!socket_.is_open()) return false;
  char next = 0;
  // Without a byte, and without waiting: 0 is the end that the gateway made.
  return ::recv(const_cast<tcp::socket&>(socket_).native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
}

Task<void> TcpPort::open() {
  close();
  const Endpoints endpoints = co_await find();
  co_await connect(endpoints);
  keep_alive();
}

Task<TcpPort::Endpoints> TcpPort::find() {
  boost::system::error_code no_number;
  const auto address = asio::ip::make_address(settings_.host, no_number);
  if (!no_number) {
    Endpoints one;
    one.emplace_back(address, static_cast<std::uint16_t>(std::stoul(settings_.port)));
    co_return one;
  }
  tcp::resolver resolver(socket_.get_executor());
  auto [error, found] = co_await resolver.async_resolve(settings_.host, settings_.port, tcp::resolver::numeric_service,
                                                        asio::as_tuple(asio::use_awaitable));
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
  if (error) {
    throw LinkLost("the name \"" + settings_.host + "\" leads nowhere (" + error.message() +
                   "); is it right, is this computer on the network? The gateway's number works without names");
  }
  co_return Endpoints(found.begin(), found.end());
}

Task<void> TcpPort::connect(const Endpoints& endpoints) {
  asio::steady_timer timer(socket_.get_executor(), longest_connect);
  auto [order, error, reached, timer_error] =
      co_await asio::experimental::make_parallel_group(asio::async_connect(socket_, endpoints, asio::deferred),
                                                       timer.async_wait(asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (!error) co_return;
  close();
  if (error == asio::error::connection_refused) {
    throw LinkLost("nobody listens at " + place() + "; is the gateway's " +
                   (settings_.speaks_modbus ? "Modbus TCP" : "transparent (raw TCP server) mode") +
                   " on, is the port right?");
  }
  const bool is_late = order[0] == 1 && !timer_error;
  if (error == asio::error::operation_aborted && !is_late) throw boost::system::system_error(error);
  throw LinkLost(place() + " cannot be reached (" + (is_late ? "no answer" : error.message()) +
                 "); is the gateway powered and on this network, is its address right?");
}

void TcpPort::keep_alive() {
  boost::system::error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  set<IPPROTO_TCP, TCP_KEEPIDLE>(socket_, idle_s);
  set<IPPROTO_TCP, TCP_KEEPINTVL>(socket_, probe_s);
  set<IPPROTO_TCP, TCP_KEEPCNT>(socket_, probes);
  set<IPPROTO_TCP, TCP_USER_TIMEOUT>(socket_, unacknowledged_ms);
}

void TcpPort::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void TcpPort::lost(const boost::system::error_code& why) {
  close();
  const bool is_closed =
      why == asio::error::eof || why == asio::error::connection_reset || why == asio::error::broken_pipe;
  if (is_closed) {
    throw LinkLost("the gateway at " + place() +
                   " closed the connection; does another program use it (many serve one at a time), was it restarted? "
                   "Trying again");
  }
  throw LinkLost("the gateway at " + place() + " is gone (" + why.message() +
                 "); is it powered and on this network? Trying again");
}

Task<void> TcpPort::write(Bytes bytes) {
  if (settings_.read_only) throw LinkLost(name() + " is only listened to");
  auto [error, written] = co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()),
                                                     asio::as_tuple(asio::use_awaitable));
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
  if (error) lost(error);
}

Task<Buffer> TcpPort::read(SteadyTime deadline) {
  boost::system::error_code gone;
  Buffer chunk = co_await read_by(socket_, deadline, gone);
  if (gone) lost(gone);
  co_return chunk;
}

void TcpPort::drop_unread() {
  std::uint8_t ignored[512];
  for (int chunks = 0; chunks < most_dropped && socket_.is_open(); ++chunks) {
    if (::recv(socket_.native_handle(), ignored, sizeof ignored, MSG_DONTWAIT) <= 0) break;
  }
}

Duration TcpPort::wire_time(std::size_t) const { return way_there_and_back; }

}  // namespace cellwarden
