// The unchanged binary is killed: the broker itself says that its packs are no longer true.
#include <doctest/doctest.h>

#include <fstream>

#include "tests/publish/world.h"
#include "tests/support/process.h"
#include "tests/support/pty.h"

using namespace cellwarden;
using namespace cellwarden::test;

TEST_CASE("a service that is killed is offline by its will, and online when it is started again") {
  for (const int version : {3, 5}) {
    CAPTURE(version);
    World world;
    world.broker.start();
    world.watch();
    Pty wire;
    const auto config = world.state.path / "cellwarden.toml";
    std::ofstream(config) << "[mqtt]\nbroker = \"" << world.broker.url() << "\"\nversion = " << version
                          << "\n[service]\nstate_dir = \"" << world.state.path.string()
                          << "\"\n[[pack]]\nid = \"house-1\"\nprotocol = \"jbd\"\nlink = \"serial:" << wire.path()
                          << "\"\n";
    const std::vector<std::string> command{CELLWARDEN, "run", "--config", config.string()};
    const std::string log = (world.state.path / "log").string();
    const auto status_is = [&](const char* wanted) {
      return world.until([&] { return world.seen("cellwarden/status") == wanted; });
    };

    Process service(command, log);
    REQUIRE(status_is("online"));
    CHECK(world.until([&] { return world.seen("cellwarden/house-1/status") == "offline"; }));  // nobody answers
    world.order.clear();
    CHECK(service.end(SIGKILL) == 128 + SIGKILL);
    CHECK(status_is("offline"));

    // The broker keeps the will: who comes later sees it too.
    world.forget();
    world.watcher.reset();
    world.watch();
    CHECK(status_is("offline"));

    Process again(command, log);
    CHECK(status_is("online"));
    CHECK(again.end(SIGTERM) == 0);
    CHECK(status_is("offline"));
  }
}
