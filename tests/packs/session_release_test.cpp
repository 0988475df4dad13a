// A link that others want too: let go between readings, and for a while when its owner says so.
#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>

#include "daemon/packs/pack_session.h"
#include "tests/packs/test_time.h"

using namespace cellwarden;
using namespace std::chrono_literals;

namespace {

class SharedLink : public test::TestTime {
 public:
  using TestTime::TestTime;
  int heard_frames = 0, silences = 0, let_gos = 0;
  void heard() override { ++heard_frames; }
  void unheard() override { ++silences; }
  void let_go() override { ++let_gos; }
};

/// A reading a second after it was begun, then one every second; silent where told so.
class Talker : public Adapter {
 public:
  explicit Talker(int& runs, const bool& silent) : runs_(runs), silent_(silent) {}
  Task<void> run(Link& link, Sink& sink) override {
    ++runs_;
    for (;;) {
      // Cancelled, this sleep ends early and the next throws.
      for (const SteadyTime when = link.now() + 1s; link.now() < when;) co_await link.sleep_until(when);
      if (silent_) throw LinkTimeout("silence");
      Reading reading;
      reading.cells_v = {3.3, 3.3};
      sink.emit({0, reading});
    }
  }

 private:
  int& runs_;
  const bool& silent_;
};

struct Told : PackObserver {
  int readings = 0;
  std::string why;
  void on_reading(const std::string&, const Reading&, const Counters&) override { ++readings; }
  void on_info(const std::string&, const Identity&, const Limits&) override {}
  void on_status(const std::string&, bool, const std::string& reason) override { why = reason; }
};

struct World {
  explicit World(PackConfig::Mode mode)
      : session(link, "ble:X", std::make_unique<Talker>(runs, silent), {pack(mode)}, 3, told) {
    boost::asio::co_spawn(io, session.run(), [](std::exception_ptr) {});
    io.poll();
  }
  static PackConfig pack(PackConfig::Mode mode) {
    PackConfig config;
    config.id = "a";
    config.protocol = "scripted";
    config.poll = 30s;
    config.mode = mode;
    return config;
  }

  int runs = 0;
  bool silent = false;
  boost::asio::io_context io;
  SharedLink link{io};
  Told told;
  PackSession session;
};

}  // namespace

TEST_CASE("session: per-poll, the link is let go after each reading and taken again for the next") {
  World world(PackConfig::Mode::per_poll);
  world.link.pass(1s);
  CHECK(world.told.readings == 1);
  CHECK(world.link.let_gos == 1);
  world.link.pass(28s);
  CHECK(world.runs == 1);
  world.link.pass(63s);
  CHECK(world.runs == 4);
  CHECK(world.told.readings == 4);
  CHECK(world.link.let_gos == 4);
}

TEST_CASE("session: kept, the conversation goes on and the link hears of every frame and every silence") {
  World world(PackConfig::Mode::keep);
  world.link.pass(10s);
  CHECK(world.runs == 1);
  CHECK(world.link.heard_frames == 10);
  CHECK(world.link.let_gos == 0);
  world.silent = true;
  world.link.pass(1s);
  CHECK(world.link.silences == 1);
}

TEST_CASE("session: released, nothing is asked until the time is over; zero ends it at once; an hour is the most") {
  for (const auto mode : {PackConfig::Mode::keep, PackConfig::Mode::per_poll}) {
    World world(mode);
    world.link.pass(2s);
    const int readings = world.told.readings, runs = world.runs;
    world.session.release(10min);
    world.io.restart();
    world.io.poll();
    CHECK(world.link.let_gos > 0);
    world.link.pass(599s);
    CHECK(world.told.readings == readings);
    CHECK(world.told.why == "released: the link is left to the phone app");
    world.link.pass(3s);
    CHECK(world.runs == runs + 1);
    CHECK(world.told.readings > readings);

    world.session.release(24h);
    world.link.pass(10s);
    const int before = world.told.readings;
    world.session.release(0s);
    world.link.pass(2s);
    CHECK(world.told.readings > before);

    world.session.release(24h);
    world.link.pass(3598s);
    const int at_the_end = world.told.readings;
    world.link.pass(5s);
    CHECK(world.told.readings > at_the_end);
  }
}

TEST_CASE("session: a release in the middle of a back-off counts too, and no release is none to end") {
  World world(PackConfig::Mode::keep);
  world.session.release(0s);
  world.silent = true;
  world.link.pass(20s);
  const int runs = world.runs;
  world.session.release(5min);
  world.link.pass(299s);
  CHECK(world.runs == runs);
  world.silent = false;
  world.link.pass(3s);
  CHECK(world.told.readings > 0);
}
