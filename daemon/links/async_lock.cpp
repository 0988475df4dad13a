#include "daemon/links/async_lock.h"

#include <boost/asio/use_awaitable.hpp>

namespace cellwarden {

Task<AsyncLock::Held> AsyncLock::hold() {
  co_await free_.async_receive(boost::asio::use_awaitable);
  co_return Held(*this);
}

}  // namespace cellwarden
