#include "daemon/links/ble_pump.h"

#include <poll.h>
#include <unistd.h>

#include <boost/asio/post.hpp>

#include <utility>

namespace cellwarden::ble {

namespace asio = boost::asio;

Pump::Pump(asio::any_io_executor executor, std::unique_ptr<sdbus::IConnection> connection)
    : executor_(executor),
      connection_(std::move(connection)),
      fd_(executor, ::dup(connection_->getEventLoopPollData().fd)),
      timer_(executor) {}

void Pump::start(std::function<void()> on_closed) {
  on_closed_ = std::move(on_closed);
  stopped_ = false;
  kick();
}

void Pump::stop() {
  stopped_ = true;
  on_closed_ = nullptr;
  timer_.cancel();
  boost::system::error_code ignored;
  fd_.close(ignored);
}

void Pump::kick() {
  if (stopped_ || std::exchange(kicked_, true)) return;
  asio::post(executor_, [self = shared_from_this()] {
    self->kicked_ = false;
    self->drain();
  });
}

void Pump::drain() {
  try {
    while (!stopped_ && connection_->processPendingRequest()) {
    }
    if (!stopped_) arm();
  } catch (const sdbus::Error&) {
    if (stopped_) return;
    const auto closed = std::move(on_closed_);
    stop();
    if (closed) asio::post(executor_, closed);
  }
}

void Pump::arm() {
  const auto wanted = connection_->getEventLoopPollData();
  if (wanted.events & POLLIN) wait(asio::posix::stream_descriptor::wait_read, reading_);
  if (wanted.events & POLLOUT) wait(asio::posix::stream_descriptor::wait_write, writing_);
  const auto limit = wanted.getRelativeTimeout();
  if (!limit) {
    timer_.cancel();
    return;
  }
  timer_.expires_after(*limit);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error) self->drain();
  });
}

void Pump::wait(asio::posix::stream_descriptor::wait_type what, bool& waiting) {
  if (std::exchange(waiting, true)) return;
  fd_.async_wait(what, [self = shared_from_this(), &waiting](boost::system::error_code error) {
    waiting = false;
    if (!error) self->drain();
  });
}

}  // namespace cellwarden::ble
