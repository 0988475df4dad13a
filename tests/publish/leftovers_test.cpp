#include "daemon/publish/leftovers.h"

#include <doctest/doctest.h>

using namespace cellwarden;

namespace {
std::string announced(const std::string& base) {
  return R"({"dev":{"ids":["x"]},"stat_t":")" + base + R"(/old/state","avty":[{"t":")" + base +
         R"(/status"}],"cmps":{"soc_pct":{"p":"sensor"}}})";
}
}  // namespace

TEST_CASE("leftovers: a pack that is configured no more goes with everything it had") {
  Leftovers leftovers(Topics{"cellwarden"}, "homeassistant");
  leftovers.hear("homeassistant/device/cellwarden_old/config", announced("cellwarden"));
  leftovers.hear("homeassistant/sensor/cellwarden_old/soc_pct/config", announced("cellwarden"));
  for (const auto* level : {"status", "state", "info"}) leftovers.hear(std::string("cellwarden/old/") + level, "x");
  CHECK(leftovers.of_unknown_packs({"house-1"}).size() == 5);
  CHECK(leftovers.of_unknown_packs({"old"}).empty());
  CHECK(leftovers.discovery().at("cellwarden_old").at("homeassistant/device/cellwarden_old/config") ==
        Components{{"soc_pct", "sensor"}});
}

TEST_CASE("leftovers: what belongs to others is never touched") {
  Leftovers leftovers(Topics{"cellwarden"}, "homeassistant");
  // An instance whose topic begins like ours, one nested in ours, a stranger, and nonsense.
  leftovers.hear("homeassistant/device/cellwarden_2_old/config", announced("cellwarden_2"));
  leftovers.hear("cellwarden/second/status", "online");
  leftovers.hear("homeassistant/device/zigbee_1/config", announced("cellwarden"));
  leftovers.hear("homeassistant/device/cellwarden_x/config", "no json");
  leftovers.hear("homeassistant/device/cellwarden_y/config", "{}");
  leftovers.hear("cellwarden_2/old/info", "{}");
  CHECK(leftovers.of_unknown_packs({}).empty());
}
