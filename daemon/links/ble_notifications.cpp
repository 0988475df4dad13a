#include "daemon/links/ble_notifications.h"

#include <sys/socket.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <utility>

namespace cellwarden::ble {

namespace asio = boost::asio;

struct Notifications::Socket : std::enable_shared_from_this<Socket> {
  Socket(Notifications& whose, int fd, std::function<void()> on_end)
      : owner(&whose), descriptor(whose.executor_, fd), ended(std::move(on_end)) {}

  void read() {
    descriptor.async_read_some(asio::buffer(packet),
                               [self = shared_from_this()](boost::system::error_code error, std::size_t size) {
                                 if (self->owner) self->on_read(error, size);
                               });
  }
  void on_read(boost::system::error_code error, std::size_t size) {
    if (error) {
      const auto tell = std::exchange(ended, nullptr);
      if (tell) tell();
      return;
    }
    owner->take(Buffer(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size)));
    read();
  }

  Notifications* owner;  ///< none: nobody listens any more
  asio::posix::stream_descriptor descriptor;
  std::function<void()> ended;
  std::array<std::uint8_t, 520> packet{};  ///< ATT's longest value is 512
};

void Notifications::read_from(int fd, std::function<void()> ended) {
  clear();
  socket_ = std::make_shared<Socket>(*this, fd, std::move(ended));
  socket_->read();
}

void Notifications::take(Buffer notification) {
  if (kept_.size() == most_kept) {
    kept_.pop_front();
    ++dropped_;
  }
  kept_.push_back(std::move(notification));
  wake();
}

void Notifications::drop_unread() {
  kept_.clear();
  std::uint8_t ignored[1];  // a packet is gone with its first byte
  while (socket_ && ::recv(socket_->descriptor.native_handle(), ignored, sizeof ignored, MSG_DONTWAIT) > 0) {
  }
}

Buffer Notifications::next() {
  Buffer first = std::move(kept_.front());
  kept_.pop_front();
  return first;
}

Task<void> Notifications::wait(SteadyTime deadline) {
  arrived_.expires_at(deadline);
  boost::system::error_code woken;
  co_await arrived_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

void Notifications::clear() {
  kept_.clear();
  if (!socket_) return;
  socket_->owner = nullptr;
  boost::system::error_code ignored;
  socket_->descriptor.close(ignored);
  socket_.reset();
}

}  // namespace cellwarden::ble
