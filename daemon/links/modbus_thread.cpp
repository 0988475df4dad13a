#include "daemon/links/modbus_thread.h"

#include <signal.h>
#include <unistd.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <utility>

#include "protocols/modbus_rtu.h"

namespace cellwarden {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Closed with its holder.
class ModbusThread::Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

namespace {

using Socket = asio::local::stream_protocol::socket;

/// After what was no answer the line is left alone until nothing more comes for so long.
constexpr Duration rest_of_answer = 50ms;
/// More than any answer with what may come before it.
constexpr std::size_t most_heard = 4096;

SteadyTime now() { return std::chrono::steady_clock::now(); }

/// RS485 adapters that hear themselves: our own request in front of the answer.
class Echo {
 public:
  explicit Echo(Buffer request) : request_(std::move(request)) {}

  /// `chunk` without the echo; what may yet become one is kept.
  Buffer strip(const Buffer& chunk) {
    held_.insert(held_.end(), chunk.begin(), chunk.end());
    const auto known = std::min(held_.size(), request_.size());
    if (known > 0 &&
        std::equal(request_.begin(), request_.begin() + static_cast<std::ptrdiff_t>(known), held_.begin())) {
      if (known < request_.size()) return {};
      held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(known));
    }
    request_.clear();  // once at most, and only in front
    return take_rest();
  }
  Buffer take_rest() { return std::exchange(held_, {}); }

 private:
  Buffer request_, held_;
};

/// One transaction, as the io thread sees it.
struct Passing {
  Port& port;
  const ModbusThread::Tap& tap;
  Duration limit;
  ModbusFraming framing;
  Buffer request;  ///< as RTU
  Echo echo{request};
  Buffer heard = {};  ///< on RTU, without an echo
  SteadyTime deadline = SteadyTime::max();

  void show(Direction direction, Bytes bytes) const {
    if (tap) tap(direction, bytes);
  }
};

/// Carries between the port and libmodbus until cancelled. Throws LinkTimeout at the deadline, LinkLost.
Task<void> carry(Passing& passing, Socket socket) {
  Socket ours = std::move(socket);  // closed when this ends
  Buffer request(64);
  boost::system::error_code error;
  request.resize(
      co_await ours.async_read_some(asio::buffer(request), asio::redirect_error(asio::use_awaitable, error)));
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
  if (error) throw LinkTimeout("that cannot be asked by Modbus");

  passing.show(Direction::to_bms, passing.request);
  co_await passing.port.write(request);
  passing.deadline = now() + passing.port.wire_time(request.size()) + passing.limit;
  while (passing.heard.size() < most_heard && now() < passing.deadline) {
    Buffer chunk = co_await passing.port.read(passing.deadline);
    if (passing.framing == ModbusFraming::rtu) {
      passing.show(Direction::from_bms, chunk);
      chunk = passing.echo.strip(chunk);
      passing.heard.insert(passing.heard.end(), chunk.begin(), chunk.end());
    }
    asio::write(ours, asio::buffer(chunk), error);  // an error: it has made up its mind, and this will be cancelled
  }
  throw LinkTimeout("what came was no answer");
}

/// What still comes belongs to what was no answer; on RTU it may yet become one. Throws LinkTimeout.
Task<void> hear_rest(Passing& passing, const Link::Listener& listener) {
  for (;;) {
    const Buffer chunk = co_await passing.port.read(std::min(passing.deadline, now() + rest_of_answer));
    if (passing.framing == ModbusFraming::rtu) {
      passing.show(Direction::from_bms, chunk);
      if (listener(chunk)) co_return;
    }
    if (now() >= passing.deadline) throw LinkTimeout("what came was no answer");
  }
}

/// The line is quiet, or its time is over.
Task<void> let_rest_pass(Passing& passing) {
  const Link::Listener nobody = [](Bytes) { return false; };
  try {
    co_await hear_rest(passing, nobody);
  } catch (const LinkTimeout&) {
  }
}

}  // namespace

/// Not to be cancelled: who closes the other end of `socket` has the answer at once.
Task<ModbusAnswer> ModbusThread::ask(Descriptor socket, RegisterRead what) {
  const auto executor = co_await asio::this_coro::executor;
  auto start = [this, executor, what, theirs = std::move(socket)](auto handler) mutable {
    auto work = [this, executor, what, theirs = std::move(theirs), handler = std::move(handler),
                 guard = asio::make_work_guard(executor)]() mutable {
      sigset_t all;  // a write to a closed end would be a SIGPIPE, and the others are for the io thread
      sigfillset(&all);
      pthread_sigmask(SIG_BLOCK, &all, nullptr);
      ModbusAnswer answer = master_.read(theirs.get(), what);
      asio::post(executor, [handler = std::move(handler), answer = std::move(answer)]() mutable {
        std::move(handler)(std::move(answer));
      });
    };
    asio::post(thread_, std::move(work));
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(ModbusAnswer)>(std::move(start),
                                                                                             asio::use_awaitable);
}

Task<void> ModbusThread::read(Port& port, RegisterRead what, Duration limit, const Tap& tap,
                              const Link::Listener& listener) {
  const auto executor = co_await asio::this_coro::executor;
  // Who gives up before the gateway does leaves his request in its queue, before the next.
  if (framing_ == ModbusFraming::tcp) limit = std::max<Duration>(limit, modbus::gateway_limit);
  Passing passing{port, tap, limit, framing_, modbus::read_request(what.unit, what.first, what.count)};
  Socket ours(executor), theirs(executor);
  asio::local::connect_pair(ours, theirs);
  auto [order, ask_failure, answer, failure] =
      co_await asio::experimental::make_parallel_group(
          asio::co_spawn(executor, ask(Descriptor(theirs.release()), what), asio::deferred),
          asio::co_spawn(executor, carry(passing, std::move(ours)), asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  const bool has_decided = order[0] == 0;
  if (has_decided && ask_failure) std::rethrow_exception(ask_failure);
  if (framing_ == ModbusFraming::tcp) {
    if (!has_decided) std::rethrow_exception(failure);
    if (answer.kind == ModbusAnswer::none) throw LinkTimeout("the gateway has no answer");
    if (answer.kind == ModbusAnswer::spoiled) {
      co_await let_rest_pass(passing);
      throw AnswerRejected(answer.why, "what came was no answer");
    }
    passing.show(Direction::from_bms, answer.frame);
    if (!listener(answer.frame)) throw LinkTimeout("what came was no answer");
    co_return;
  }

  const Buffer rest = passing.echo.take_rest();
  passing.heard.insert(passing.heard.end(), rest.begin(), rest.end());
  const auto is_enough = [&] { return !passing.heard.empty() && listener(passing.heard); };
  if (has_decided) {
    if (!is_enough()) co_await hear_rest(passing, listener);
    co_return;
  }
  try {
    std::rethrow_exception(failure);
  } catch (const LinkTimeout&) {
    if (!is_enough()) throw;
  }
}

}  // namespace cellwarden
