// `cellwarden release`, from the command line over a real broker to the session that holds the link. No Bluetooth is
// needed: a session that only tries to connect lets go in the same way.
#include <doctest/doctest.h>

#include <fstream>

#include "tests/commands/outcome.h"
#include "tests/support/broker.h"
#include "tests/support/process.h"

using namespace cellwarden::test;

namespace {

struct House {
  House() {
    std::ofstream(config()) << "[mqtt]\nbroker = \"" << broker.url() << "\"\n[service]\nstate_dir = \""
                            << folder.path.string() << "\"\n"
                            << "[[pack]]\nid = \"van\"\nprotocol = \"jbd\"\nlink = \"ble:AA:00:00:00:00:01\"\n"
                            << "[[pack]]\nid = \"wired\"\nprotocol = \"jbd\"\nlink = \"serial:/dev/not/here\"\n";
  }
  std::string config() const { return folder.path / "cellwarden.toml"; }

  /// Its log is its output.
  void start_service() {
    service = std::make_unique<Process>(
        std::vector<std::string>{"sh", "-c", "exec \"$0\" run --config \"$1\" 2>&1", CELLWARDEN, config()});
  }
  Outcome release(const std::string& pack, const std::string& minutes) const {
    const auto said = folder.path / "said";
    std::filesystem::remove(said);
    Process process({CELLWARDEN, "release", pack, minutes, "--config", config()}, said.string());
    std::string out;
    process.wait_for([&](const std::string& line) { return out += line + "\n", false; });
    const int code = process.wait();
    std::ifstream in(said);
    return {code, out, {std::istreambuf_iterator<char>(in), {}}};
  }
  /// Kept by the broker for those who come later, and there before this returns.
  void keep(const std::string& topic, const std::string& payload) const {
    Process sender({"mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(broker.port), "-q", "1", "-r", "-t", topic,
                    "-m", payload});
    REQUIRE(sender.wait() == 0);
  }

  Broker broker;
  TemporaryDirectory folder;
  std::unique_ptr<Process> service;
};

}  // namespace

TEST_CASE("release: from the command line to the session and back; what the broker has kept does nothing") {
  House house;
  house.broker.start();
  house.keep("cellwarden/van/release", "30");
  house.start_service();
  int released = 0;
  const auto comes = [&](const std::string& text) {
    return house.service
        ->wait_for([&](const std::string& line) {
          if (line.find("van: released: the link is left to the phone app") != std::string::npos) ++released;
          return line.find(text) != std::string::npos;
        })
        .has_value();
  };
  REQUIRE(comes("mqtt: connected"));
  CHECK(house.release("van", "0").out == "van: the service takes its link back\n");  // ends the kept one, if it counted
  const auto asked = house.release("van", "5");
  CHECK(asked.exit_code == 0);
  CHECK(asked.out ==
        "van: its link is left to the phone app for 5 minutes (at most 60); to end that sooner: cellwarden release van "
        "0\n");
  CHECK(comes("van: released"));
  CHECK(house.release("van", "0").exit_code == 0);
  CHECK(comes("van: the link is taken back"));
  house.keep("cellwarden/van/release", "soon");
  CHECK(comes("\"soon\" is not a number of minutes from 0 to 60"));
  CHECK(released == 1);
  house.keep("cellwarden/wired/release", "5");
  CHECK(comes("wired: has no Bluetooth link to release"));
}

TEST_CASE("release: what cannot be asked is refused at once, in clear words") {
  House house;
  for (const auto* minutes : {"-1", "61", "soon", "nan"}) {
    CAPTURE(std::string(minutes));
    const auto refused = house.release("van", minutes);
    CHECK(refused.exit_code == 2);
    CHECK(refused.err.find("minutes") != std::string::npos);
  }
  CHECK(house.release("van", "61").err.find("60") != std::string::npos);
  CHECK(house.release("wired", "5").err == "wired has no Bluetooth link; packs with one: van\n");
  CHECK(house.release("bus", "5").err == "there is no pack \"bus\"; packs with one: van\n");
  const auto alone = house.release("van", "5");
  CHECK(alone.exit_code == 3);
  CHECK(alone.err == "the broker does not answer; check that it runs, and `broker` under [mqtt]\n");
}

TEST_CASE("release: a broker without the service is told apart from no broker") {
  House house;
  house.broker.start();
  const auto alone = house.release("van", "5");
  CHECK(alone.exit_code == 3);
  CHECK(alone.err == "the service is not running: start it with `cellwarden run`\n");
}
