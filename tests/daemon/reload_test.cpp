// SIGHUP: the config is read again; what did not change goes on as if nothing had happened.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/daemon/house.h"

namespace {

bool becomes(Process& listener, const std::string& line) { return listener.wait_for_text(line).has_value(); }

}  // namespace

TEST_CASE("SIGHUP: a new pack comes, a removed one leaves the broker, the others never go offline") {
  House house;
  const HousePack small = house.packs[0], middle = house.packs[1], large = house.packs[2];
  house.write_config({small, middle});
  house.broker.start();
  house.listen();
  house.start_service();
  CHECK(becomes(*house.listener, "cellwarden/4s/status online"));
  CHECK(becomes(*house.listener, "cellwarden/8s/status online"));

  house.write_config({small, large});
  house.service->tell(SIGHUP);
  bool small_lost = false, middle_gone = false, large_online = false;
  CHECK(house.listener->wait_for([&](const std::string& line) {
    small_lost |= line == "cellwarden/4s/status offline";
    middle_gone |= line == "cellwarden/8s/status (null)";
    large_online |= line == "cellwarden/16s/status online";
    return middle_gone && large_online;
  }));
  CHECK_FALSE(small_lost);
}

TEST_CASE("SIGHUP: a config with a fault is told and changes nothing; the next good one is taken") {
  House house;
  house.broker.start();
  house.listen();
  house.start_service();
  CHECK(becomes(*house.listener, "cellwarden/4s/status online"));

  HousePack broken = house.packs[0];
  broken.config = "protocol = \"jdb\"\n";
  house.write_config({broken});
  house.service->tell(SIGHUP);
  house.write_config({house.packs[0]});
  CHECK(house.listener->wait_for_text("cellwarden/4s/state"));  // it goes on
  house.service->tell(SIGHUP);
  CHECK(becomes(*house.listener, "cellwarden/16s/status (null)"));
  CHECK(house.service->end(SIGTERM) == 0);
}

TEST_CASE("a pack that moves to another port lets go of the first and is heard on the second") {
  House house;
  house.write_config({house.packs[0]});
  house.broker.start();
  house.listen();
  house.start_service();
  CHECK(becomes(*house.listener, "cellwarden/4s/status online"));

  HousePack moved = house.packs[0];
  moved.port = house.packs[1].port;
  house.write_config({moved});
  house.service->tell(SIGHUP);
  CHECK(house.listener->wait_for([&](const std::string& line) {
    const std::string topic = "cellwarden/4s/state ";
    return line.rfind(topic, 0) == 0 && nlohmann::json::parse(line.substr(topic.size()))["cells_v"].size() == 8;
  }));
  // The first port is free again: another program reads it.
  Process other({CELLWARDEN, "read", "serial:" + house.file(house.packs[0].port), "--protocol", "jbd"});
  CHECK(other.wait() == 0);
}
