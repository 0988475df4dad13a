// Right files become values; a pack compares with ==.
#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>

#include "config/config.h"

using namespace cellwarden;
using namespace std::chrono_literals;

namespace {

Config right(std::string_view text) {
  const auto read = parse_config(text, "t.toml");
  if (const auto* faults = std::get_if<1>(&read)) {
    for (const auto& fault : *faults) MESSAGE(fault.text());
  }
  REQUIRE(std::holds_alternative<Config>(read));
  return std::get<Config>(read);
}

constexpr std::string_view one_pack = R"(
[[pack]]
id = "a"
protocol = "jbd"
link = "serial:/dev/ttyUSB0"
)";

std::string only_fault(const std::filesystem::path& file) {
  const auto read = read_config(file);
  const auto& faults = std::get<1>(read);
  REQUIRE(faults.size() == 1);
  return faults[0].text();
}

}  // namespace

TEST_CASE("config: what is left out has its default") {
  const auto config = right(one_pack);
  CHECK(!config.mqtt);
  CHECK(config.home_assistant == HomeAssistantConfig{});
  CHECK(config.service == ServiceConfig{});
  PackConfig pack;
  pack.id = pack.name = "a";
  pack.protocol = "jbd";
  pack.link = {LinkAddress::Kind::serial, "/dev/ttyUSB0"};
  REQUIRE(config.packs.size() == 1);
  CHECK(config.packs[0] == pack);
}

TEST_CASE("config: every setting arrives") {
  const auto config = right(R"(
[mqtt]
broker = "mqtts://[::1]:8883"
client_id = "pi"
username = "bob"
password_file = "/etc/p"
ca_file = "/etc/ca"
topic = "boat/cells"
version = 3
publish_min = "500ms"
publish_max = 30
[home_assistant]
discovery = "single"
prefix = "ha"
birth_topic = "ha/status"
birth_payload = "up"
[service]
state_dir = "/tmp/x"
log_level = "debug"
offline_after_polls = 5
[[pack]]
id = "a"
name = "Bow"
protocol = "jbd"
link = "serial:/dev/ttyUSB0"
baud = 115200
rs485 = true
invert_current = true
poll = 0.25
chemistry = "lto"
capacity_ah = 100
charger = { absorption_v = 56.0, tail_current_a = 5, absorption_time = "1.5h", current_a = 80 }
load = { cutoff_v = 46 }
limits = { cell_ovp_v = 3.65, cell_uvp_v = 2.5, cell_count = 16, charge_utp_c = -5, chemistry = "lto" }
balancer = { kind = "active", current_a = 1, start_v = 3.4, delta_v = 0.01 }
[[pack]]
id = "b"
protocol = "jbd"
link = "serial:/dev/ttyUSB1"
)");
  REQUIRE(config.mqtt);
  CHECK(config.mqtt->broker == "mqtts://[::1]:8883");
  CHECK(config.mqtt->client_id == "pi");
  CHECK(config.mqtt->username == "bob");
  CHECK(config.mqtt->password_file == "/etc/p");
  CHECK(config.mqtt->ca_file == "/etc/ca");
  CHECK(config.mqtt->topic == "boat/cells");
  CHECK(config.mqtt->version == 3);
  CHECK(config.mqtt->publish_min == 500ms);
  CHECK(config.mqtt->publish_max == 30s);
  CHECK(config.home_assistant == HomeAssistantConfig{HomeAssistantConfig::Discovery::single, "ha", "ha/status", "up"});
  CHECK(config.service.state_dir == "/tmp/x");
  CHECK(config.service.log_level == "debug");
  CHECK(config.service.offline_after_polls == 5);

  PackConfig bow;
  bow.id = "a", bow.name = "Bow", bow.protocol = "jbd", bow.link = {LinkAddress::Kind::serial, "/dev/ttyUSB0"};
  bow.baud = 115200, bow.rs485 = bow.invert_current = true, bow.poll = 250ms;
  bow.chemistry = "lto", bow.capacity_ah = 100;
  bow.charger = {56.0, 5.0, 80.0, 90min};
  bow.load = {46.0};
  bow.limits.cell_ovp_v = 3.65, bow.limits.cell_uvp_v = 2.5, bow.limits.cell_count = 16;
  bow.limits.charge_utp_c = -5, bow.limits.chemistry = "lto";
  bow.balancer = {"active", 1.0, 3.4, 0.01};
  REQUIRE(config.packs.size() == 2);
  CHECK(config.packs[0] == bow);
  CHECK(config.packs[1].link.text() == "serial:/dev/ttyUSB1");
}

TEST_CASE("config: a changed setting of a pack shows in ==, wherever it stands") {
  const auto before = right(one_pack).packs[0];
  CHECK(right(one_pack).packs[0] == before);
  for (const std::string_view change :
       {"name = \"x\"", "poll = 3", "rs485 = true", "limits = { cell_ovp_v = 3.6 }", "charger = { current_a = 3 }",
        "load = { cutoff_v = 40 }", "balancer = { start_v = 3.4 }", "chemistry = \"lfp\"", "baud = 19200"}) {
    CAPTURE(change);
    CHECK(right(std::string(one_pack) + std::string(change)).packs[0] != before);
  }
}

TEST_CASE("config: a time is text with a unit or a number of seconds") {
  const std::pair<std::string_view, Seconds> times[] = {{"\"500ms\"", 500ms}, {"\"2s\"", 2s},       {"\"5m\"", 5min},
                                                        {"\"1h\"", 1h},       {"\"1.5 min\"", 90s}, {"3", 3s},
                                                        {"0.5", 500ms}};
  for (const auto& [written, expected] : times) {
    CAPTURE(written);
    CHECK(right(std::string(one_pack) + "poll = " + std::string(written)).packs[0].poll == expected);
  }
}

TEST_CASE("config: a file that cannot be read is one clear fault") {
  const auto folder = std::filesystem::temp_directory_path();
  CHECK(only_fault("/nowhere/c.toml") == "/nowhere/c.toml: cannot be read: No such file or directory");
  CHECK(only_fault(folder) == folder.string() + ": is a directory; name the config file in it");
}

TEST_CASE("config: a gateway's link is a host and a port") {
  using Kind = LinkAddress::Kind;
  const auto link = [](std::string_view written) {
    std::string why;
    const auto address = parse_link(written, why);
    CHECK(why.empty());
    REQUIRE(address);
    return *address;
  };
  CHECK(link("tcp:pi:1502") == LinkAddress{Kind::tcp, "pi:1502"});
  CHECK(link("tcp:Gate.Local") == LinkAddress{Kind::tcp, "gate.local:502"});  // Modbus' own port
  CHECK(link("tcp:[FD00::20]") == LinkAddress{Kind::tcp, "[fd00::20]:502"});
  const auto v6 = link("rtu+tcp:[fd00::20]:8899");
  CHECK(v6 == LinkAddress{Kind::rtu_tcp, "[fd00::20]:8899"});
  CHECK(v6.host() == "fd00::20");
  CHECK(v6.port() == "8899");
  CHECK(v6.text() == "rtu+tcp:[fd00::20]:8899");
  CHECK(link("tcp:pi:1502").text() == "tcp:pi:1502");
  CHECK(link("tcp:pi:1502").host() == "pi");
}
