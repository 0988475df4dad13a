// Who is let in, and what the owner is told when he is not. Certificates and passwords are made here, by the tools
// an owner uses.
#include <doctest/doctest.h>

#include "tests/publish/world.h"

using namespace cellwarden;
using namespace cellwarden::test;

namespace {

void run(const std::string& command) {
  CAPTURE(command);
  REQUIRE(std::system((command + " >/dev/null 2>&1").c_str()) == 0);
}

void write(const std::filesystem::path& file, const std::string& text) { std::ofstream(file) << text; }

}  // namespace

TEST_CASE("security: user and password from a file") {
  for (const int version : {3, 5}) {
    CAPTURE(version);
    TemporaryDirectory directory;
    const auto users = directory.path / "users", password = directory.path / "password";
    run("mosquitto_passwd -b -c " + users.string() + " warden secret");
    write(password, "secret\n");
    World world("allow_anonymous false\npassword_file " + users.string() + "\n");
    world.broker.start();
    world.mqtt.version = version;
    world.mqtt.username = "warden";
    world.mqtt.password_file = password;
    SUBCASE("right") {
      world.open();
      CHECK(world.until([&] { return world.seen("cellwarden/status") == "online"; }));
    }
    SUBCASE("wrong, then put right without a restart") {
      write(password, "other");
      world.open();
      CHECK(world.until([&] { return world.logged("check username and password_file"); }));
      CHECK_FALSE(world.logged("other"));
      write(password, "secret");
      CHECK(world.until([&] { return world.publisher->connected(); }));
    }
    SUBCASE("no such file") {
      world.mqtt.password_file = directory.path / "none";
      world.open();
      CHECK(world.until([&] { return world.logged("cannot read the password file"); }));
    }
  }
}

TEST_CASE("security: TLS with the owner's CA, and not without it") {
  TemporaryDirectory directory;
  const auto at = [&](const char* name) { return (directory.path / name).string(); };
  run("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca -keyout " + at("ca.key") + " -out " +
      at("ca.crt"));
  run("openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout " + at("key") + " -out " + at("csr"));
  write(at("ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  run("openssl x509 -req -days 2 -in " + at("csr") + " -CA " + at("ca.crt") + " -CAkey " + at("ca.key") +
      " -CAcreateserial -extfile " + at("ext") + " -out " + at("crt"));
  World world("allow_anonymous true\ncertfile " + at("crt") + "\nkeyfile " + at("key") + "\n");
  world.broker.start();
  world.mqtt.broker = "mqtts://localhost:" + std::to_string(world.broker.port);
  SUBCASE("trusted") {
    world.mqtt.ca_file = at("ca.crt");
    world.open();
    CHECK(world.until([&] { return world.seen("cellwarden/status") == "online"; }));
  }
  SUBCASE("not trusted") {
    world.open(false);
    CHECK(world.until([&] { return world.logged("no TLS connection"); }));
    CHECK(world.logged("check ca_file"));
    CHECK_FALSE(world.publisher->connected());
  }
  SUBCASE("no such CA file") {
    world.mqtt.ca_file = at("none");
    world.open(false);
    CHECK(world.until([&] { return world.logged("cannot read the CA file"); }));
  }
}
