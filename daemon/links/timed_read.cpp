#include "daemon/links/timed_read.h"

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cellwarden {

namespace asio = boost::asio;

template <class Stream>
Task<Buffer> read_by(Stream& stream, SteadyTime deadline, boost::system::error_code& gone) {
  Buffer chunk(512);
  asio::steady_timer timer(stream.get_executor(), deadline);
  auto [order, error, size, timer_error] =
      co_await asio::experimental::make_parallel_group(stream.async_read_some(asio::buffer(chunk), asio::deferred),
                                                       timer.async_wait(asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (!error && size > 0) {
    chunk.resize(size);
    co_return chunk;
  }
  // The timer may fire, and the read still have ended by itself: its own error counts first.
  if (error && error != asio::error::operation_aborted) {
    gone = error;
    co_return Buffer();
  }
  if (order[0] == 1 && !timer_error) throw LinkTimeout("no answer in time");
  throw boost::system::system_error(asio::error::operation_aborted);
}

template Task<Buffer> read_by(asio::posix::stream_descriptor&, SteadyTime, boost::system::error_code&);
template Task<Buffer> read_by(asio::ip::tcp::socket&, SteadyTime, boost::system::error_code&);

}  // namespace cellwarden
