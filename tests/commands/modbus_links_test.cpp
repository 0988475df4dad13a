// The real binary on a simulated line whose registers libmodbus reads: beside other protocols, recorded, and at the far
// end of a network.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <fstream>
#include <memory>

#include "tests/commands/outcome.h"
#include "tests/support/gateway.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace {

using cellwarden::test::Gateway;
using cellwarden::test::Outcome;
using nlohmann::json;

/// A Daly that speaks D2 and two that speak A5 on one line, at rest: what they say does not change.
struct SharedLine {
  cellwarden::test::TemporaryDirectory folder;
  const std::string port = folder.path / "port";
  Process simulator{{SIMULATOR, "--quiet", "--baud", "9600", "--pack",
                     "path=" + port + ",name=d2,protocol=daly-modbus,cells=8,ah=100,soc=60,current=0", "--pack",
                     "path=" + port + ",name=a5,protocol=daly-a5,address=2,cells=4,ah=50,soc=40,current=0"}};

  SharedLine() { REQUIRE(simulator.wait_for_text("ready")); }
  /// Exit code 3 would be: a write was seen.
  ~SharedLine() { CHECK(simulator.end() == 0); }
};

Outcome run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CELLWARDEN);
  Process process(arguments);
  const auto line = process.wait_for([](const std::string&) { return true; });
  return {process.wait(), line.value_or(""), ""};
}

json read(const std::string& link, const std::string& protocol, const std::string& address = "0") {
  const Outcome outcome = run({"read", link, "--protocol", protocol, "--address", address, "--json"});
  CAPTURE(link);
  CHECK(outcome.exit_code == 0);
  json said = outcome.object();
  REQUIRE(said.is_object());
  return said;
}

/// The same, but for what a meter's noise and some seconds of a battery's life make of it.
bool alike(const json& a, const json& b) {
  if (a.is_number_float() && b.is_number_float())
    return a.get<double>() == doctest::Approx(b.get<double>()).epsilon(0.01);
  if (!a.is_structured() || a.size() != b.size()) return a == b;
  auto of_b = b.begin();
  for (auto of_a = a.begin(); of_a != a.end(); ++of_a, ++of_b) {
    if (a.is_object() && of_a.key() != of_b.key()) return false;
    if (!alike(*of_a, *of_b)) return false;
  }
  return true;
}

void check_alike(json a, json b) {
  for (json* each : {&a, &b}) {
    for (const char* moment : {"taken_at", "current_a", "power_w"}) (*each)["reading"].erase(moment);
  }
  CAPTURE(a.dump());
  CAPTURE(b.dump());
  for (const char* part : {"reading", "identity", "limits"}) CHECK(alike(a[part], b[part]));
}

}  // namespace

TEST_CASE("modbus links: a line with other protocols beside, and the same through both kinds of gateway") {
  const SharedLine line;
  const json d2 = read("serial:" + line.port, "daly-modbus");
  const json a5 = read("serial:" + line.port, "daly-a5", "2");
  CHECK(d2["reading"]["cells_v"].size() == 8);
  CHECK(a5["reading"]["cells_v"].size() == 4);

  Gateway modbus(Gateway::Kind::modbus_tcp, cellwarden::test::behind(line.port));
  check_alike(read("tcp:localhost:" + modbus.port(), "daly-modbus"), d2);
  Gateway transparent(Gateway::Kind::transparent, cellwarden::test::behind(line.port));
  check_alike(read("rtu+tcp:127.0.0.1:" + transparent.port(), "daly-modbus"), d2);
  check_alike(read("rtu+tcp:127.0.0.1:" + transparent.port(), "daly-a5", "2"), a5);
}

TEST_CASE("modbus links: a recording says who read, and decodes to the same") {
  const SharedLine line;
  const json d2 = read("serial:" + line.port, "daly-modbus");
  Gateway modbus(Gateway::Kind::modbus_tcp, cellwarden::test::behind(line.port));
  const std::pair<std::string, std::string> links[] = {
      {"serial:" + line.port, "# registers read through libmodbus; the frames are as they passed on the wire"},
      {"tcp:127.0.0.1:" + modbus.port(),
       "# registers read through libmodbus over Modbus TCP, shown as the RTU frames they stand for"}};
  for (const auto& [link, remark] : links) {
    CAPTURE(link);
    const std::string file = line.folder.path / "capture";
    CHECK(run({"record", link, "--protocol", "daly-modbus", "--poll", "0.5", file, "--seconds", "6"}).exit_code == 0);
    std::ifstream capture(file);
    std::string heading, second;
    std::getline(capture, heading);
    std::getline(capture, second);
    CHECK(second == remark);

    const Outcome decoded = run({"decode", "--protocol", "daly-modbus", file});
    CHECK(decoded.exit_code == 0);
    check_alike(decoded.object(), d2);
    CHECK(decoded.object()["frames"] >= 4);
    CHECK(decoded.object()["rejected"] == json::object());
  }
}

TEST_CASE("modbus links: probe finds what is behind either kind of gateway, however long that waits for the silent") {
  cellwarden::test::TemporaryDirectory folder;
  const std::string port = folder.path / "port", simulated = "path=" + port + ",cells=8,address=";
  Process simulator({SIMULATOR, "--quiet", "--baud", "9600", "--pack", simulated + "3,name=jk,protocol=jk-modbus",
                     "--pack", simulated + "2,name=hkms,protocol=daly-hkms"});
  REQUIRE(simulator.wait_for_text("ready"));
  const auto probed = [&](const std::string& link, const std::vector<std::string>& options = {}) {
    std::vector<std::string> arguments{"probe", link, "--json"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Outcome outcome = run(arguments);
    CHECK(outcome.exit_code == 0);
    std::string all;
    for (const auto& one : json::parse(outcome.out, nullptr, false)) {
      CHECK(one["link"] == link);
      all += one["protocol"].get<std::string>() + " " + one["address"].dump() + "; ";
    }
    return all;
  };
  Gateway modbus(Gateway::Kind::modbus_tcp, cellwarden::test::behind(port));
  CHECK(probed("tcp:127.0.0.1:" + modbus.port()) == "jk-modbus 3; daly-hkms 2; ");
  Gateway transparent(Gateway::Kind::transparent, cellwarden::test::behind(port));
  CHECK(probed("rtu+tcp:127.0.0.1:" + transparent.port(), {"--address", "2"}) == "daly-hkms 2; ");
  CHECK(simulator.end() == 0);  // 3 would be: a write was seen
}

TEST_CASE("modbus links: a gateway that is not there ends `read` with its own words") {
  std::string gone;
  {
    gone = Gateway(Gateway::Kind::modbus_tcp, [](const auto&) { return cellwarden::Buffer(); }).port();
  }
  CHECK(run({"read", "tcp:127.0.0.1:" + gone, "--protocol", "daly-modbus"}).exit_code == 3);
  CHECK(run({"read", "tcp:127.0.0.1:" + gone, "--protocol", "jbd"}).exit_code == 2);
}
