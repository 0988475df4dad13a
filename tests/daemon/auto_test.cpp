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
