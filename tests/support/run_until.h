#pragma once
// Runs an io_context until what must happen has happened. No sleep: a guard long enough for a loaded machine gives up.
#include <boost/asio/io_context.hpp>

#include <chrono>

template <class Condition>
bool run_until(boost::asio::io_context& io, Condition condition) {
  using namespace std::chrono_literals;
  const auto give_up = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    if (io.stopped()) io.restart();
    io.run_one_for(20ms);
  }
  return true;
}
