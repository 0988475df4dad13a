// PackSession under a clock the test moves. The two adapters here prove the shape every protocol must fit: one that is
// pushed to, one that brings several packs over one link.
#include "daemon/packs/pack_session.h"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>
#include <map>

#include "tests/packs/test_time.h"

using namespace cellwarden;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// Time stands still until the test moves it; bytes come when the test pushes them.
class FakeLink : public test::TestTime {
 public:
  using TestTime::TestTime;

  Task<void> exchange(Buffer, Duration limit, Listener listener) override { co_await listen(limit, listener); }

  Task<void> listen(Duration limit, Listener listener) override {
    const SteadyTime deadline = now() + limit;
    for (;;) {
      if (lost) throw LinkLost("the port is gone");
      if (!pushed_.empty()) {
        const Buffer chunk = pushed_.front();
        pushed_.pop_front();
        if (listener(chunk)) co_return;
        continue;
      }
      if (now() >= deadline) throw LinkTimeout("silence");
      co_await sleep_until(deadline);
    }
  }

  void push(Buffer chunk) {
    pushed_.push_back(std::move(chunk));
    wake([](SteadyTime) { return true; });
  }

  bool lost = false;

 private:
  std::deque<Buffer> pushed_;
};

/// Says nothing; every chunk pushed is {address, volts of two cells in 0.1 V}.
class PushedAdapter : public Adapter {
 public:
  Task<void> run(Link& link, Sink& sink) override {
    for (;;) {
      co_await link.listen(10s, [&](Bytes chunk) {
        Reading reading;
        reading.cells_v = {chunk[1] * 0.1, chunk[1] * 0.1};
        sink.emit({chunk[0], GoodFrame{}});
        sink.emit({chunk[0], reading});
        return true;
      });
    }
  }
};

/// Refuses, like a BMS that wants a password.
class RefusingAdapter : public Adapter {
 public:
  int runs = 0;
  Task<void> run(Link& link, Sink&) override {
    ++runs;
    co_await link.sleep_until(link.now() + 1s);
    throw DeviceRefused("it wants a password");
  }
};

struct Told : PackObserver {
  std::map<std::string, int> readings;
  std::map<std::string, bool> online;
  std::map<std::string, std::string> why;
  void on_reading(const std::string& id, const Reading&, const Counters&) override { ++readings[id]; }
  void on_info(const std::string&, const Identity&, const Limits&) override {}
  void on_status(const std::string& id, bool is_online, const std::string& reason) override {
    online[id] = is_online;
    why[id] = reason;
  }
};

PackConfig pack(const std::string& id, int address) {
  PackConfig config;
  config.id = id;
  config.address = address;
  config.protocol = "scripted";
  return config;
}

struct World {
  explicit World(std::unique_ptr<Adapter> adapter, std::vector<PackConfig> packs)
      : session(link, "serial:/dev/x", std::move(adapter), std::move(packs), 3, told) {
    asio::co_spawn(io, session.run(), [](std::exception_ptr) {});
    io.poll();
  }
  asio::io_context io;
  FakeLink link{io};
  Told told;
  PackSession session;
};

}  // namespace

TEST_CASE("session: an adapter that is pushed to brings two packs over one link") {
  World world(std::make_unique<PushedAdapter>(), {pack("a", 1), pack("b", 2)});
  CHECK(world.told.online == std::map<std::string, bool>{{"a", false}, {"b", false}});

  world.link.push({1, 33});
  world.link.push({2, 34});
  world.link.push({2, 34});
  CHECK(world.told.readings == std::map<std::string, int>{{"a", 1}, {"b", 2}});
  CHECK(world.told.online["a"]);

  // One of them falls silent: the other stays online.
  for (int i = 0; i < 8; ++i) {
    world.link.pass(1s);
    world.link.push({2, 34});
  }
  CHECK_FALSE(world.told.online["a"]);
  CHECK(world.told.online["b"]);

  // A pack nobody configured is nobody's news.
  world.link.push({7, 33});
  CHECK(world.told.readings.size() == 2);
}

TEST_CASE("session: silence, then a lost port, then back: told truly each time") {
  World world(std::make_unique<PushedAdapter>(), {pack("a", 0)});
  world.link.push({0, 33});
  CHECK(world.told.online["a"]);

  world.link.pass(20s);
  CHECK_FALSE(world.told.online["a"]);
  CHECK(world.told.why["a"].find("no answer on serial:/dev/x") == 0);

  world.link.lost = true;
  world.link.pass(60s);
  CHECK(world.told.why["a"] == "the port is gone");

  world.link.lost = false;
  world.link.pass(31s);  // the longest back-off
  world.link.push({0, 33});
  CHECK(world.told.online["a"]);
  CHECK(world.told.why["a"] == "");
  CHECK(world.session.packs().front()->counters().reconnects >= 3);
}

TEST_CASE("session: conversations without a good frame are counted, and told once they are so many running") {
  World world(std::make_unique<PushedAdapter>(), {pack("a", 0)});
  int told = 0;
  world.session.when_silent(3, [&] { ++told; });
  world.link.pass(24s);  // two of 10 s, with pauses of 1 s and 2 s
  CHECK(told == 0);
  world.link.push({0, 33});  // it is there: they count anew
  world.link.pass(24s);
  CHECK(told == 0);
  world.link.pass(20s);
  CHECK(told == 1);
  world.link.pass(5min);
  CHECK(told == 1);
}

TEST_CASE("session: a BMS that refuses is not asked again for ten minutes") {
  auto adapter = std::make_unique<RefusingAdapter>();
  const RefusingAdapter& refusing = *adapter;
  World world(std::move(adapter), {pack("a", 0)});
  world.link.pass(5min);
  CHECK(refusing.runs == 1);
  CHECK(world.told.why["a"] == "it wants a password");
  world.link.pass(6min);
  CHECK(refusing.runs == 2);
}
