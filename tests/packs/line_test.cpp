// A Line over a real SerialPort on a real pty.
#include "daemon/packs/line.h"

#include <doctest/doctest.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include <filesystem>

#include "daemon/links/serial_port.h"
#include "tests/support/pty.h"
#include "tests/support/run_task.h"

using namespace cellwarden;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<SerialPort> port(boost::asio::io_context& io, const std::string& path) {
  return std::make_unique<SerialPort>(io.get_executor(), SerialSettings{.path = path});
}

Task<void> ask_expecting(Line& line, Pty& wire, Buffer answer, Buffer& got, Duration limit) {
  Buffer request{0xDD, 0xA5};
  wire.say(Buffer{0xEE});  // lay unread before the request: belongs to nobody
  co_await line.exchange(request, limit, [&](Bytes chunk) {
    got.insert(got.end(), chunk.begin(), chunk.end());
    return got.size() >= answer.size();
  });
}

/// Answers as soon as the request has arrived.
Task<void> answer_when_asked(Pty& wire, Buffer answer, Buffer& request) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  while (request.empty()) {
    timer.expires_after(1ms);
    co_await timer.async_wait(boost::asio::use_awaitable);
    request = wire.heard();
  }
  wire.say(answer);
}

}  // namespace

TEST_CASE("line: a request goes out, what lay unread is dropped, the answer comes back") {
  boost::asio::io_context io;
  Pty wire;
  Line line(io.get_executor(), port(io, wire.path()));
  const Buffer answer{1, 2, 3};
  Buffer got, request;
  std::vector<Direction> tapped;
  line.tap([&](Direction direction, Bytes) { tapped.push_back(direction); });
  boost::asio::co_spawn(io, answer_when_asked(wire, answer, request), [](std::exception_ptr) {});
  run_task(io, ask_expecting(line, wire, answer, got, 5s));
  CHECK(request == Buffer{0xDD, 0xA5});
  CHECK(got == answer);
  REQUIRE(tapped.size() >= 2);
  CHECK(tapped.front() == Direction::to_bms);
}

TEST_CASE("line: silence is a LinkTimeout, and the line is free again") {
  boost::asio::io_context io;
  Pty wire;
  Line line(io.get_executor(), port(io, wire.path()));
  Buffer got, request;
  CHECK_THROWS_AS(run_task(io, ask_expecting(line, wire, {1}, got, 1ms)), LinkTimeout);
  wire.heard();
  boost::asio::co_spawn(io, answer_when_asked(wire, {7}, request), [](std::exception_ptr) {});
  run_task(io, ask_expecting(line, wire, {7}, got, 5s));
  CHECK(got == Buffer{7});
}

TEST_CASE("line: who wants quiet behind an answer has it from all on the line") {
  boost::asio::io_context io;
  Pty wire;
  Line line(io.get_executor(), port(io, wire.path()));
  SteadyTime first{}, second{};
  line.tap([&](Direction direction, Bytes) {
    if (direction == Direction::to_bms) (first == SteadyTime{} ? first : second) = line.now();
  });
  const auto ask = [&](Duration quiet) -> Task<void> {
    const Link::Listener nobody = [](Bytes) { return false; };
    Buffer request{0xDD, 0xA5};
    try {
      co_await line.exchange(request, 1ms, nobody);
    } catch (const LinkTimeout&) {
    }
    line.stay_quiet(quiet);
  };
  boost::asio::co_spawn(io, ask(150ms), boost::asio::detached);
  run_task(io, ask(0ms));  // waits its turn while the other asks
  CHECK(second - first >= 150ms);
}

TEST_CASE("line: a port that vanishes is LinkLost, and used again when it is back") {
  boost::asio::io_context io;
  const std::string link = std::filesystem::temp_directory_path() / ("cellwarden-line-" + std::to_string(getpid()));
  auto wire = std::make_unique<Pty>();
  std::filesystem::remove(link);
  std::filesystem::create_symlink(wire->path(), link);
  Line line(io.get_executor(), port(io, link));
  Buffer got, request;
  CHECK_THROWS_AS(run_task(io, ask_expecting(line, *wire, {1}, got, 1ms)), LinkTimeout);

  std::filesystem::remove(link);
  wire->unplug();
  const auto asked_of_nobody = [&] {
    Buffer nothing{0};
    return line.exchange(nothing, 5s, [](Bytes) { return true; });
  };
  CHECK_THROWS_AS(run_task(io, asked_of_nobody()), LinkLost);
  CHECK_THROWS_WITH_AS(run_task(io, asked_of_nobody()), doctest::Contains("there is no port"), LinkLost);

  wire = std::make_unique<Pty>();
  std::filesystem::create_symlink(wire->path(), link);
  boost::asio::co_spawn(io, answer_when_asked(*wire, {9}, request), [](std::exception_ptr) {});
  run_task(io, ask_expecting(line, *wire, {9}, got, 5s));
  CHECK(got == Buffer{9});
  std::filesystem::remove(link);
}

TEST_CASE("serial: each way a port cannot be opened has its own words") {
  CHECK_THROWS_WITH_AS(open_serial({.path = "/dev/nothing"}), doctest::Contains("there is no port /dev/nothing"),
                       LinkLost);
  CHECK_THROWS_WITH_AS(open_serial({.path = "/dev/null"}), doctest::Contains("is not a serial port"), LinkLost);
  Pty wire;
  CHECK_THROWS_WITH_AS(open_serial({.path = wire.path(), .baud = 1234}), doctest::Contains("1234 baud"), LinkLost);
  CHECK_THROWS_WITH_AS(open_serial({.path = wire.path(), .rs485 = true}), doctest::Contains("no RS485 mode"), LinkLost);

  const int ours = open_serial({.path = wire.path()});
  CHECK_THROWS_WITH_AS(open_serial({.path = wire.path()}), doctest::Contains("is in use by another program"), LinkLost);
  ::close(ours);
}

TEST_CASE("serial: a port that is only listened to cannot be written to") {
  Pty wire;
  const int fd = open_serial({.path = wire.path(), .read_only = true});
  CHECK(::write(fd, "x", 1) == -1);
  ::close(fd);
}
