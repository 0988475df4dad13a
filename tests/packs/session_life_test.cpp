// A session's whole life under a clock that jumps from one awaited moment to the next: when it tries again, what it
// tells, what it counts.
#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <deque>

#include "daemon/packs/pack_session.h"
#include "tests/packs/test_time.h"

using namespace cellwarden;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

struct Silent {};
struct Lost {
  std::string why;
};
struct Refuses {};
struct Pause {
  Duration time;
};
/// One step of what a BMS does; an end of the conversation is thrown, an event is emitted.
using Step = std::variant<Event, Pause, Silent, Lost, Refuses>;

class Scripted : public Adapter {
 public:
  Scripted(std::deque<Step> steps, std::vector<SteadyTime>& began) : steps_(std::move(steps)), began_(began) {}
  Task<void> run(Link& link, Sink& sink) override {
    began_.push_back(link.now());
    for (;;) {
      Step step = Silent{};  // the script is over: silence for ever
      if (!steps_.empty()) step = steps_.front(), steps_.pop_front();
      if (const auto* event = std::get_if<Event>(&step)) sink.emit(*event);
      if (const auto* pause = std::get_if<Pause>(&step)) co_await link.sleep_until(link.now() + pause->time);
      if (std::holds_alternative<Silent>(step)) throw LinkTimeout("silence");
      if (const auto* lost = std::get_if<Lost>(&step)) throw LinkLost(lost->why);
      if (std::holds_alternative<Refuses>(step)) throw DeviceRefused("it wants a password");
    }
  }

 private:
  std::deque<Step> steps_;
  std::vector<SteadyTime>& began_;
};

struct Told : PackObserver {
  std::vector<std::string> all;
  void on_reading(const std::string&, const Reading&, const Counters&) override { all.emplace_back("reading"); }
  void on_info(const std::string&, const Identity&, const Limits&) override { all.emplace_back("info"); }
  void on_status(const std::string&, bool online, const std::string& why) override {
    all.push_back(online ? "online" : "offline: " + why);
  }
};

struct World {
  explicit World(std::deque<Step> steps, const std::string& link = "serial:/dev/x")
      : session(clock, link, std::make_unique<Scripted>(std::move(steps), began), {pack()}, 3, told) {
    asio::co_spawn(io, session.run(), [](std::exception_ptr) {});
    io.poll();
  }
  static PackConfig pack() {
    PackConfig config;
    config.id = "a";
    config.protocol = "scripted";
    config.poll = 2s;
    return config;
  }
  const Counters& counters() const { return session.packs().front()->counters(); }
  std::uint64_t rejected(FrameError why) const { return counters().rejected[static_cast<std::size_t>(why)]; }
  /// Seconds between the beginnings of conversations.
  std::vector<long> gaps() const {
    std::vector<long> seconds;
    for (std::size_t i = 1; i < began.size(); ++i) {
      seconds.push_back(std::chrono::duration_cast<std::chrono::seconds>(began[i] - began[i - 1]).count());
    }
    return seconds;
  }

  std::vector<SteadyTime> began;
  asio::io_context io;
  test::TestTime clock{io};
  Told told;
  PackSession session;
};

Event reading(double cell_v = 3.3) {
  Reading news;
  news.cells_v = {cell_v, 3.3};
  return {0, news};
}
Event impossible_current() {
  Reading news;
  news.current_a = 30'000;
  return {0, news};
}
Event rejected(FrameError why) { return {0, Rejected{why}}; }

std::string no_answer() {
  return "offline: no answer on serial:/dev/x; is the BMS awake and connected (RX/TX or A/B swapped?), is protocol = "
         "\"scripted\" right?";
}

}  // namespace

TEST_CASE("session: a silent pack is tried again after 1, 2, 4 .. 30 seconds and never less often") {
  World world({});
  world.clock.pass(5min);
  const auto gaps = world.gaps();
  REQUIRE(gaps.size() >= 10);
  CHECK(std::vector<long>(gaps.begin(), gaps.begin() + 6) == std::vector<long>{1, 2, 4, 8, 16, 30});
  CHECK(std::ranges::all_of(gaps.begin() + 5, gaps.end(), [](long gap) { return gap == 30; }));
  CHECK(world.counters().timeouts == world.began.size());
  CHECK(world.counters().reconnects == 0);
}

TEST_CASE("session: a port that is gone is tried again as often, and counted as such") {
  World world({Lost{"gone"}, Lost{"gone"}, Lost{"gone"}, Pause{1h}});
  world.clock.pass(1min);
  CHECK(world.gaps() == std::vector<long>{1, 2, 4});
  CHECK(world.counters().reconnects == 3);
  CHECK(world.counters().timeouts == 0);
}

TEST_CASE("session: a good frame, even long ago, makes the next try come soon") {
  World world({Silent{}, Silent{}, Silent{}, Silent{}, Silent{}, Silent{},  // back-off is at its longest
               reading(), Pause{1h}, reading(), Lost{"unplugged"},          //
               Silent{}, Silent{}, Pause{1h}});
  world.clock.pass(63s);
  REQUIRE(world.began.size() == 7);
  world.clock.pass(1h);
  world.clock.pass(30s);
  CHECK(world.gaps() == std::vector<long>{1, 2, 4, 8, 16, 30, 3601, 2, 4});
}

TEST_CASE("session: what comes in damaged is no reason to try more often") {
  std::deque<Step> steps;
  for (int i = 0; i < 7; ++i) {
    steps.emplace_back(rejected(FrameError::checksum));
    steps.emplace_back(Silent{});
  }
  World world(std::move(steps));
  world.clock.pass(2min);
  const auto gaps = world.gaps();
  REQUIRE(gaps.size() >= 6);
  CHECK(std::vector<long>(gaps.begin(), gaps.begin() + 6) == std::vector<long>{1, 2, 4, 8, 16, 30});
}

TEST_CASE("session: a refusal waits ten minutes and does not slow down what comes after") {
  World world({Refuses{}, Refuses{}, reading(), Lost{"unplugged"}, Pause{1h}});
  world.clock.pass(1h);
  CHECK(world.gaps() == std::vector<long>{600, 600, 1});
}

TEST_CASE("session: a pack that falls silent and comes back is told so in this order") {
  World world({reading(), Pause{2s}, reading(), Pause{2s}, Silent{}, Silent{}, Silent{}, Silent{}, reading(), Pause{1s},
               reading(), Pause{1h}});
  CHECK(world.told.all == std::vector<std::string>{"offline: not heard yet", "online", "reading"});
  world.clock.pass(8s);  // the last reading was 2 s after the start; 6 s is how long three polls may take
  CHECK(world.told.all.back() == "reading");
  world.clock.pass(1s);
  CHECK(world.told.all.back() == no_answer());
  world.clock.pass(12s);
  CHECK(world.told.all == std::vector<std::string>{"offline: not heard yet", "online", "reading", "reading",
                                                   no_answer(), "online", "reading", "reading"});
  CHECK(world.counters().readings == 4);
  CHECK(world.counters().timeouts == 4);
}

TEST_CASE("session: rejects, timeouts and reconnects are counted each for itself") {
  std::deque<Step> steps;
  for (std::size_t why = 0; why < frame_error_count; ++why) {
    for (std::size_t n = 0; n <= why; ++n) steps.emplace_back(rejected(static_cast<FrameError>(why)));
  }
  steps.insert(steps.end(), {Event{0, GoodFrame{}}, Event{0, GoodFrame{}}, reading(), impossible_current(), Silent{},
                             Lost{"gone"}, Lost{"gone"}, Pause{1h}});
  World world(std::move(steps));
  world.clock.pass(1min);
  CHECK(world.rejected(FrameError::length) == 1);
  CHECK(world.rejected(FrameError::sync) == 2);
  CHECK(world.rejected(FrameError::checksum) == 3);
  CHECK(world.rejected(FrameError::unexpected) == 4);
  CHECK(world.rejected(FrameError::range) == 5 + 1);
  CHECK(world.rejected(FrameError::refused) == 6);
  CHECK(world.counters().good_frames == 2);
  CHECK(world.counters().readings == 1);
  CHECK(world.counters().timeouts == 1);
  CHECK(world.counters().reconnects == 2);
}

TEST_CASE("session: the owner is told whether nothing, nonsense, half or the impossible comes in") {
  const auto reason = [](std::deque<Step> steps, const std::string& link = "serial:/dev/x") {
    steps.emplace_back(Pause{1h});
    World world(std::move(steps), link);
    world.clock.pass(10s);
    return world.told.all.back();
  };
  CHECK(reason({}).starts_with("offline: no answer on serial:/dev/x"));
  CHECK(reason({rejected(FrameError::sync)}).starts_with("offline: what comes in on serial:/dev/x is not scripted"));
  CHECK(reason({Event{0, GoodFrame{}}}).starts_with("offline: answers on serial:/dev/x come incomplete"));
  CHECK(reason({Event{0, GoodFrame{}}, impossible_current()})
            .starts_with("offline: answers on serial:/dev/x hold values that no battery has"));

  const std::string ble = "ble:C8:47:80:00:00:02";
  CHECK(reason({rejected(FrameError::sync)}, ble) == "offline: what comes in on " + ble +
                                                         " is not scripted; is it this brand, is there another "
                                                         "protocol of this brand?");
}

TEST_CASE("session: a board that was understood before is not called another brand when its frames come damaged") {
  const auto reason = [](std::deque<Step> steps, const std::string& link) {
    steps.emplace_back(Pause{1h});
    World world(std::move(steps), link);
    world.clock.pass(20s);
    return world.told.all.back();
  };
  for (const std::string link : {"serial:/dev/x", "ble:C8:47:80:00:00:02"}) {
    CHECK(reason({reading(), rejected(FrameError::length)}, link)
              .starts_with("offline: answers on " + link + " come damaged"));
    CHECK(reason({Event{0, GoodFrame{}}, Silent{}, rejected(FrameError::length), Silent{}}, link)
              .starts_with("offline: answers on " + link + " come damaged"));
  }
}
