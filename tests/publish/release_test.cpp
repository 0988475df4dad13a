// <id>/release: the owner's wish for a pack's Bluetooth link, through a real mosquitto.
#include <doctest/doctest.h>

#include <vector>

#include "daemon/publish/release_wish.h"
#include "tests/publish/world.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

struct Wishes {
  /// "house-1 5.0, ". While the publisher listens for what is left of it a message comes to it twice, and a wish told
  /// twice is the same wish: here it stands once.
  std::string heard;
  World world;

  Wishes() { world.broker.start(), world.watch(); }
  void open() {
    world.open();
    world.publisher->on_release([this](const std::string& pack, double minutes) {
      const std::string wish = pack + " " + Json(minutes).dump() + ", ";
      if (!heard.ends_with(wish)) heard += wish;
    });
    REQUIRE(world.until([&] { return world.settled(); }));
  }
  void say(const std::string& pack, const std::string& minutes, bool retain = false) {
    world.watcher->publish("cellwarden/" + pack + "/release", minutes, retain, 1);
  }
};

}  // namespace

TEST_CASE("release: the topic reaches whoever holds the link, in minutes; zero too") {
  Wishes wishes;
  wishes.open();
  wishes.say("house-1", "5");
  wishes.say("house-1", "0.5");
  wishes.say("house-1", "60");
  wishes.say("nobody", "5");
  wishes.say("house-1", "0");
  CHECK(wishes.world.until([&] { return wishes.heard.ends_with("house-1 0.0, "); }));
  CHECK(wishes.heard == "house-1 5.0, house-1 0.5, house-1 60.0, house-1 0.0, ");
}

TEST_CASE("release: a wish that the broker has kept is of another day") {
  Wishes wishes;
  REQUIRE(wishes.world.until([&] { return wishes.world.watcher->connected(); }));
  wishes.say("house-1", "30", true);
  REQUIRE(wishes.world.until([&] { return wishes.world.seen("cellwarden/house-1/release") == "30"; }));
  wishes.open();
  wishes.say("house-1", "5");  // comes after what is kept
  CHECK(wishes.world.until([&] { return !wishes.heard.empty(); }));
  CHECK(wishes.heard == "house-1 5.0, ");
  CHECK_FALSE(wishes.world.logged("not a number of minutes"));
}

TEST_CASE("release: what is no number of minutes from 0 to 60 is refused, and said") {
  Wishes wishes;
  wishes.open();
  const std::vector<std::string> wrong = {"-1", "60.1", "1e300", "inf", "nan", "", "soon", "5 min", " 5", "0x5"};
  for (const auto& each : wrong) wishes.say("house-1", each);
  wishes.say("house-1", "1");
  CHECK(wishes.world.until([&] { return !wishes.heard.empty(); }));
  CHECK(wishes.heard == "house-1 1.0, ");
  for (const auto& each : wrong) {
    CHECK(wishes.world.logged("mqtt: cellwarden/house-1/release: \"" + each +
                              "\" is not a number of minutes from 0 to 60; nothing is released"));
  }
}
