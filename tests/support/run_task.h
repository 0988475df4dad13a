#pragma once
// Runs one coroutine to its end on an io_context of its own and gives back what it threw.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>

inline void run_task(boost::asio::io_context& io, boost::asio::awaitable<void> task) {
  std::exception_ptr thrown;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr failure) {
    thrown = failure;
    io.stop();
  });
  io.restart();
  io.run();
  if (thrown) std::rethrow_exception(thrown);
}
