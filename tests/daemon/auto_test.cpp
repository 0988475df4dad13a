// protocol = "auto": the service finds what is there, remembers it, and looks again when it is something else.
#include <doctest/doctest.h>

#include "tests/daemon/house.h"

namespace {

bool becomes(House& house, const std::string& line) {
  return house.listener->wait_for_text(line, std::chrono::seconds(180)).has_value();
}

std::size_t times(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

const std::string looked_for = "protocol = \"auto\"\npoll = \"1s\"\n";

}  // namespace

TEST_CASE("auto: found, remembered over a restart, and found again when it is another brand") {
  House house({{"a", "cells=4,ah=100", looked_for}});
  house.broker.start();
  house.listen();
  house.start_service();
  CHECK(becomes(house, "cellwarden/a/status offline"));  // and not left out
  CHECK(becomes(house, "cellwarden/a/status online"));
  CHECK(house.log().find("a: is being looked for on serial:" + house.file("a") + ": jbd, ") != std::string::npos);
  CHECK(house.log().find("a: found on serial:" + house.file("a") + ": JBD") != std::string::npos);

  CHECK(house.service->end(SIGTERM) == 0);
  CHECK(becomes(house, "cellwarden/status offline"));
  house.start_service();
  CHECK(becomes(house, "cellwarden/a/status online"));
  CHECK(times(house.log(), "is being looked for") == 1);

  CHECK(house.simulator->end(SIGTERM) == 0);  // 3 would be: a write was seen
  Process other({SIMULATOR, "--baud", "9600", "--quiet", "--pack",
                 "path=" + house.file("a") + ",name=a,protocol=daly-modbus,cells=8"});
  REQUIRE(other.wait_for_text("ready"));
  CHECK(becomes(house, "cellwarden/a/status offline"));
  CHECK(becomes(house, "cellwarden/a/status online"));
  CHECK(house.log().find(", daly-modbus, 9600 baud") != std::string::npos);
  CHECK(house.log().find("it answered jbd before") != std::string::npos);
  CHECK(house.service->end(SIGTERM) == 0);
  CHECK(other.end(SIGTERM) == 0);
}

TEST_CASE("auto: SIGHUP leaves one that was found alone, takes up one that is new, and lets go of one not yet found") {
  House house({{"a", "cells=4,ah=100", looked_for}, {"b", "cells=8,ah=100", looked_for}});
  HousePack nobody = house.packs[1];
  nobody.id = "nobody", nobody.config += "address = 9\n";  // a JBD has none: it is never found
  house.write_config({house.packs[0], nobody});
  house.broker.start();
  house.listen();
  house.start_service();
  CHECK(becomes(house, "cellwarden/a/status online"));
  CHECK(house.log().find("nobody: is being looked for") != std::string::npos);

  house.write_config({house.packs[0], house.packs[1]});
  house.service->tell(SIGHUP);
  bool a_lost = false, nobody_gone = false, b_online = false;
  CHECK(house.listener->wait_for(
      [&](const std::string& line) {
        a_lost |= line == "cellwarden/a/status offline";
        nobody_gone |= line == "cellwarden/nobody/status (null)";
        b_online |= line == "cellwarden/b/status online";
        return nobody_gone && b_online;
      },
      std::chrono::seconds(180)));
  CHECK_FALSE(a_lost);
  CHECK(times(house.log(), "a: is being looked for") == 1);
  CHECK(house.service->end(SIGTERM) == 0);
  CHECK(house.simulator->end(SIGTERM) == 0);
}

TEST_CASE("auto: over Bluetooth the link can be released while the pack is being looked for") {
  House house({{"a", "cells=4,ah=100", "protocol = \"jbd\"\n"}});
  house.write_config(house.packs, "[[pack]]\nid = \"air\"\nlink = \"ble:AA:00:00:00:00:01\"\n" + looked_for);
  house.broker.start();
  house.listen();
  house.start_service();
  CHECK(becomes(house, "cellwarden/air/status offline"));
  const auto release = [&](const std::string& minutes) {
    Process asking({"mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(house.broker.port), "-t",
                    "cellwarden/air/release", "-m", minutes, "-q", "1"});
    CHECK(asking.wait() == 0);
  };
  // The state after each shows that the service has had its turn meanwhile.
  const auto comes_to_say = [&](const std::string& text) {
    return house.listener
        ->wait_for([&](const std::string& line) {
          return line.find("/state ") != std::string::npos && house.log().find(text) != std::string::npos;
        })
        .has_value();
  };
  CHECK(comes_to_say("air: is being looked for on ble:AA:00:00:00:00:01"));
  release("5");
  CHECK(comes_to_say("air: released: the link is left to the phone app"));
  release("0");
  CHECK(comes_to_say("air: the link is taken back"));
  CHECK(house.log().find("has no Bluetooth link") == std::string::npos);
  CHECK(house.service->end(SIGTERM) == 0);
  CHECK(house.simulator->end(SIGTERM) == 0);
}

TEST_CASE("auto: beside a pack of another protocol it is asked in turn, and never taken for that pack") {
  House house({{"a", "protocol=daly-a5,address=1,cells=8", "protocol = \"daly-a5\"\naddress = 1\n", "bus"},
               {"b", "cells=4,ah=100", looked_for, "bus"}});
  house.broker.start();
  house.listen();
  house.start_service();
  CHECK(becomes(house, "cellwarden/b/status online"));
  CHECK(house.log().find("b: found on serial:" + house.file("bus") + ": JBD") != std::string::npos);
  CHECK(house.log().find("a: offline") == std::string::npos);
  CHECK(house.service->end(SIGTERM) == 0);
  CHECK(house.simulator->end(SIGTERM) == 0);
}
