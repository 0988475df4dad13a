// The file of shapes cannot be read or written: said in clear words, and the service goes on.
#include "daemon/publish/shapes.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/publish/world.h"

using namespace cellwarden;
using namespace cellwarden::test;
namespace fs = std::filesystem;

namespace {

const std::string device = "homeassistant/device/cellwarden_house-1/config";

/// Starts and hears the pack: everything is published as ever.
void check_goes_on(World& world) {
  world.broker.start();
  world.open();
  world.hear("house-1");
  CHECK(world.until([&] {
    return world.seen("cellwarden/house-1/status") == "online" &&
           world.json("cellwarden/house-1/state")["pack_v"] == 13.26 && world.json(device)["cmps"].contains("cell_4_v");
  }));
}

}  // namespace

TEST_CASE("shapes: what is saved is loaded") {
  const TemporaryDirectory folder;
  CHECK(load_shapes(folder.path).empty());
  Shape shape;
  learn(shape, a_reading());
  save_shapes(folder.path, {{"house-1", shape}, {"van", {}}});
  const auto loaded = load_shapes(folder.path);
  CHECK(loaded == std::map<std::string, Shape>{{"house-1", shape}, {"van", {}}});
  CHECK_FALSE(fs::exists(folder.path / "shapes.json.new"));
}

TEST_CASE("shapes: a folder that is not there is said, and the service goes on") {
  World world;
  fs::remove_all(world.state.path);
  check_goes_on(world);
  CHECK(world.logged((world.state.path / "shapes.json").string() + ": cannot be written; a pack that is away"));
}

TEST_CASE("shapes: a full disk is said, what was saved before stays, and the service goes on") {
  World world;
  Shape before;
  learn(before, a_reading());
  before.erase("cell_4_v");
  save_shapes(world.state.path, {{"house-1", before}});
  fs::create_symlink("/dev/full", world.state.path / "shapes.json.new");
  check_goes_on(world);
  CHECK(world.logged((world.state.path / "shapes.json").string() + ": cannot be written"));
  CHECK(load_shapes(world.state.path).at("house-1") == before);
}

TEST_CASE("shapes: a file that is none is said, learnt anew and mended") {
  for (const char* text : {"", "{\"house-1\":", "[1,2]", "{\"house-1\":7}", "\xff\xfe"}) {
    CAPTURE(std::string(text));
    World world;
    std::ofstream(world.state.path / "shapes.json") << text;
    check_goes_on(world);
    CHECK(world.logged((world.state.path / "shapes.json").string() + ": cannot be read"));
    CHECK(world.logged("learnt anew"));
    CHECK(load_shapes(world.state.path).at("house-1").contains("cell_4_v"));
  }
}

TEST_CASE("shapes: something else of that name is said when reading and when writing") {
  World world;
  fs::create_directories(world.state.path / "shapes.json" / "occupied");
  check_goes_on(world);
  CHECK(world.logged((world.state.path / "shapes.json").string() + ": cannot be read"));
  CHECK(world.logged("a pack that is away at the next start is shown without its values"));
}
