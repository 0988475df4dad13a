// Registers read by libmodbus over a real SerialPort on a real pty, with all that goes wrong on a wire.
#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "daemon/links/serial_port.h"
#include "daemon/packs/line.h"
#include "tests/protocols/modbus_frame.h"
#include "tests/support/run_task.h"
#include "tests/support/run_until.h"
#include "tests/support/slave.h"

using namespace cellwarden;
using namespace std::chrono_literals;
using modbus_test::refusal;
using modbus_test::reply;
using modbus_test::with_crc;

namespace {

using Chunks = std::vector<Buffer>;

constexpr RegisterRead three{0xD2, 0x20, 3};
const Buffer three_request = modbus_test::read(0xD2, 0x20, 3);
const Buffer three_reply = reply(0xD2, {1000, 2000, 0xD203});

Buffer joined(std::initializer_list<Buffer> parts) {
  Buffer all;
  for (const Buffer& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// A line, its wire, and who answers there.
struct Bus {
  boost::asio::io_context io;
  Pty wire;
  Slave slave;
  Line line;
  std::vector<std::pair<Direction, Buffer>> passed;
  Buffer heard;

  explicit Bus(Slave::Script script)
      : slave(wire, std::move(script)),
        line(io.get_executor(),
             std::make_unique<SerialPort>(io.get_executor(), SerialSettings{.path = wire.path(), .baud = 115200}),
             1ms) {
    line.tap([this](Direction direction, Bytes bytes) {
      passed.emplace_back(direction, Buffer(bytes.begin(), bytes.end()));
    });
    boost::asio::co_spawn(io, slave.answer(), [](std::exception_ptr) {});
  }

  /// Enough is an intact answer of whom `what` names.
  Task<void> read(RegisterRead what, Duration limit) {
    heard.clear();
    const std::uint8_t from = what.answers_as ? what.answers_as : what.unit;
    const Link::Listener listener = [this, from](Bytes chunk) {
      heard.insert(heard.end(), chunk.begin(), chunk.end());
      for (std::size_t at = 0; at < heard.size(); ++at) {
        if (modbus_test::intact_reply(Bytes(heard).subspan(at), from) > 0) return true;
      }
      return false;
    };
    co_await line.read_registers(what, limit, listener);
  }
  void run(RegisterRead what = three, Duration limit = 10s) { run_task(io, read(what, limit)); }

  Buffer from_bms() const {
    Buffer all;
    for (const auto& [direction, bytes] : passed) {
      if (direction == Direction::from_bms) all.insert(all.end(), bytes.begin(), bytes.end());
    }
    return all;
  }
};

}  // namespace

TEST_CASE("registers: asked and answered, in pieces; the record has both as they were") {
  const Buffer head(three_reply.begin(), three_reply.begin() + 4), tail(three_reply.begin() + 4, three_reply.end());
  Bus bus([&](const Buffer&) { return Chunks{head, tail}; });
  bus.run();
  CHECK(bus.slave.requests == Chunks{three_request});
  CHECK(bus.heard == three_reply);
  CHECK(bus.passed.front() == std::pair(Direction::to_bms, three_request));
  CHECK(bus.from_bms() == three_reply);
  bus.run();
  CHECK(bus.slave.requests.size() == 2);
  CHECK(bus.heard == three_reply);
}

TEST_CASE("registers: an adapter that hears itself is none the wiser") {
  bool is_apart = false;
  Bus bus([&](const Buffer& request) {
    return is_apart ? Chunks{request, three_reply} : Chunks{joined({request, three_reply})};
  });
  bus.run();
  CHECK(bus.heard == three_reply);
  CHECK(bus.from_bms() == joined({three_request, three_reply}));
  is_apart = true;
  bus.run();
  CHECK(bus.heard == three_reply);

  Bus alone([](const Buffer& request) { return Chunks{request}; });
  CHECK_THROWS_AS(alone.run(three, 50ms), LinkTimeout);
  CHECK(alone.heard.empty());
}

TEST_CASE("registers: silence is a LinkTimeout, and the line is free again") {
  bool is_silent = true;
  Bus bus([&](const Buffer&) { return is_silent ? Chunks{} : Chunks{three_reply}; });
  CHECK_THROWS_AS(bus.run(three, 1ms), LinkTimeout);
  is_silent = false;
  bus.run();
  CHECK(bus.heard == three_reply);
}

TEST_CASE("registers: what is damaged or cut short is heard, as on any link, and no answer; the next one is") {
  Buffer wrong_crc = three_reply;
  wrong_crc.back() ^= 0xFF;
  Buffer too_long = three_reply;
  too_long[2] = 0xFE;  // no frame is that long
  Buffer longer = three_reply;
  longer[2] += 2;  // its end never comes
  const Buffer cut(three_reply.begin(), three_reply.end() - 3);
  for (const Buffer& bad : {wrong_crc, too_long, longer, cut}) {
    CAPTURE(bad.size());
    Buffer answer = bad;
    Bus bus([&](const Buffer&) { return Chunks{answer}; });
    CHECK_THROWS_AS(bus.run(), LinkTimeout);
    CHECK(bus.heard == bad);
    CHECK(bus.from_bms() == bad);
    answer = three_reply;
    bus.run();
    CHECK(bus.heard == three_reply);
  }
}

TEST_CASE("registers: a stray byte or another's late answer in front costs nothing") {
  const Buffer others = reply(0x01, {7, 8}), stray{0x00};
  for (const Buffer& before : {others, stray}) {
    CAPTURE(before.size());
    Bus bus([&](const Buffer&) { return Chunks{joined({before, three_reply})}; });
    bus.run();
    CHECK(bus.heard == joined({before, three_reply}));
    CHECK(bus.slave.requests.size() == 1);
  }
  Bus bus([&](const Buffer&) { return Chunks{others}; });
  CHECK_THROWS_AS(bus.run(three, 50ms), LinkTimeout);
  CHECK(bus.heard == others);
}

TEST_CASE("registers: a board that answers under a number of its own") {
  const Buffer answer = reply(0x51, {1, 2, 3});
  Bus bus([&](const Buffer&) { return Chunks{answer}; });
  bus.run({.unit = 0x81, .first = 0x20, .count = 3, .answers_as = 0x51});
  CHECK(bus.slave.requests == Chunks{modbus_test::read(0x81, 0x20, 3)});
  CHECK(bus.heard == answer);
  // Not as 0 bytes of an answer whose sum nobody looked at.
  Buffer damaged = answer;
  damaged.back() ^= 1;
  Bus noisy([&](const Buffer&) { return Chunks{damaged}; });
  CHECK_THROWS_AS(noisy.run({.unit = 0x81, .first = 0x20, .count = 3, .answers_as = 0x51}), LinkTimeout);
}

TEST_CASE("registers: a refusal is an answer") {
  Bus bus([](const Buffer&) { return Chunks{refusal(0xD2, 2)}; });
  bus.run();
  CHECK(bus.heard == refusal(0xD2, 2));
}

TEST_CASE("registers: a port that vanishes under the question is LinkLost, in the port's own words") {
  Bus* the_bus = nullptr;
  Bus bus([&](const Buffer&) {
    the_bus->wire.unplug();
    return Chunks{};
  });
  the_bus = &bus;
  CHECK_THROWS_WITH_AS(bus.run(), doctest::Contains("is the adapter still plugged in?"), LinkLost);
}

TEST_CASE("registers: cancelled while a slave keeps silent, at once; meanwhile others went on, and the line is free") {
  bool is_silent = true;
  Bus bus([&](const Buffer&) { return is_silent ? Chunks{} : Chunks{three_reply}; });
  boost::asio::cancellation_signal stop;
  std::exception_ptr ended;
  boost::asio::co_spawn(
      bus.io, bus.read(three, 10min),
      boost::asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr failure) { ended = failure; }));
  REQUIRE(run_until(bus.io, [&] { return bus.slave.requests.size() == 1; }));

  Pty other_wire;
  Slave other(other_wire, [](const Buffer&) { return Chunks{three_reply}; });
  Line other_line(bus.io.get_executor(),
                  std::make_unique<SerialPort>(bus.io.get_executor(), SerialSettings{.path = other_wire.path()}));
  boost::asio::co_spawn(bus.io, other.answer(), [](std::exception_ptr) {});
  Buffer heard;
  const Link::Listener listener = [&](Bytes chunk) { return heard.assign(chunk.begin(), chunk.end()), true; };
  run_task(bus.io, other_line.read_registers(three, 10s, listener));
  CHECK(heard == three_reply);

  CHECK(!ended);
  stop.emit(boost::asio::cancellation_type::terminal);
  REQUIRE(run_until(bus.io, [&] { return ended != nullptr; }));
  CHECK_THROWS_AS(std::rethrow_exception(ended), boost::system::system_error);
  is_silent = false;
  bus.run();
  CHECK(bus.heard == three_reply);
}

TEST_CASE("registers: cancelled at any moment of its way") {
  Bus bus([](const Buffer&) { return Chunks{three_reply}; });
  constexpr int moments = 200;
  for (int moment = 0; moment < moments; ++moment) {
    boost::asio::cancellation_signal stop;
    bool has_ended = false;
    boost::asio::co_spawn(
        bus.io, bus.read(three, 10min),
        boost::asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr) { has_ended = true; }));
    for (int step = 0; step < moment % 40; ++step) bus.io.poll_one();
    stop.emit(boost::asio::cancellation_type::terminal);
    REQUIRE(run_until(bus.io, [&] { return has_ended; }));
  }
  bus.run();
  CHECK(bus.heard == three_reply);
}

TEST_CASE("registers: other protocols take their turns on the same wire") {
  const Buffer jbd_request{0xDD, 0xA5, 0x03}, jbd_reply{0xDD, 0x03, 0x00};
  Bus bus([&](const Buffer& request) { return Chunks{request == jbd_request ? jbd_reply : three_reply}; });
  Buffer heard;
  const Link::Listener listener = [&](Bytes chunk) {
    heard.insert(heard.end(), chunk.begin(), chunk.end());
    return heard.size() >= jbd_reply.size();
  };
  for (int turn = 0; turn < 3; ++turn) {
    bus.run();
    CHECK(bus.heard == three_reply);
    heard.clear();
    run_task(bus.io, bus.line.exchange(jbd_request, 10s, listener));
    CHECK(heard == jbd_reply);
  }
  CHECK(bus.slave.requests.size() == 6);
}

TEST_CASE("registers: two who ask at once are asked one after the other") {
  Bus bus([](const Buffer& request) { return Chunks{reply(request[0], {1, 2, 3})}; });
  int over = 0;
  const Link::Listener any = [](Bytes) { return true; };
  const auto count = [&](std::exception_ptr failure) { over += failure ? 100 : 1; };
  for (const std::uint8_t unit : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}})
    boost::asio::co_spawn(bus.io, bus.line.read_registers({unit, 0, 3}, 10s, any), count);
  CHECK(run_until(bus.io, [&] { return over >= 3; }));
  CHECK(over == 3);
  REQUIRE(bus.passed.size() >= 6);
  for (std::size_t at = 0; at + 1 < bus.passed.size(); ++at) {
    const bool two_requests =
        bus.passed[at].first == Direction::to_bms && bus.passed[at + 1].first == Direction::to_bms;
    CHECK(!two_requests);
  }
}
