// What is tried behind a link: all of the catalog, in bounded time, and nothing of a neighbour's.
#include <doctest/doctest.h>

#include <algorithm>

#include "daemon/finding/search.h"

using namespace cellwarden;
using namespace cellwarden::finding;
using namespace std::chrono_literals;

namespace {

const Place anywhere{{LinkAddress::Kind::serial, "/dev/x"}};

std::string joined(const std::vector<Try>& tries) {
  std::string all;
  for (const Try& how : tries) all += text(how) + "\n";
  return all;
}

PackConfig pack(const std::string& protocol, int address = 0) {
  PackConfig config;
  config.protocol = protocol;
  config.link = anywhere.link;
  config.address = address;
  return config;
}

}  // namespace

TEST_CASE("tries: each protocol of a port at each of its baud rates and addresses, one rate after the other") {
  const auto all = tries(anywhere), listeners = ears(anywhere);
  for (const Protocol& protocol : catalog()) {
    CAPTURE(std::string(protocol.id));
    const auto of_it = std::ranges::count(all, &protocol, &Try::protocol);
    const auto rates = std::max<std::ptrdiff_t>(1, std::ssize(protocol.probe.bauds));
    const auto addresses = protocol.probe.last_address - protocol.probe.first_address + 1;
    const bool asks = protocol.default_baud != 0 && !protocol.only_listens;
    CHECK(of_it == (asks ? rates * addresses : 0));
    CHECK(std::ranges::count(listeners, &protocol, &Try::protocol) == (protocol.only_listens ? rates : 0));
  }
  CHECK(std::ranges::is_sorted(all, {}, &Try::baud));
}

TEST_CASE("tries: a silent line takes a minute and a half at most, each try a moment") {
  CHECK(longest(anywhere) < 90s);
  for (const Try& how : tries(anywhere)) CHECK(patience(how) <= 2500ms);
}

TEST_CASE(
    "tries: a gateway of Modbus TCP is given two seconds more for each, and the time that is told has them in it") {
  const Place transparent{{LinkAddress::Kind::rtu_tcp, "gw:1"}}, modbus{{LinkAddress::Kind::tcp, "gw:1"}};
  CHECK(for_gateway(transparent) == 0s);
  Duration without = 1s;  // to listen
  for (const Try& how : tries(modbus)) without += patience(how);
  CHECK(longest(modbus) == without + 2s * static_cast<int>(tries(modbus).size()));
  CHECK(longest(modbus) <= 90s);
}

TEST_CASE("tries: what the owner knows narrows them") {
  Place place = anywhere;
  place.baud = 9600;
  CHECK(bauds(place) == std::vector<unsigned>{9600});
  place.address = 3;
  for (const Try& how : tries(place)) CHECK((how.protocol->addressed && how.address == 3));
  CHECK(joined(tries(place)).find("9600 baud: daly-a5, address 3\n") != std::string::npos);
}

TEST_CASE("tries: a gateway has no baud rates, and one of Modbus TCP carries what is Modbus") {
  CHECK(bauds({{LinkAddress::Kind::rtu_tcp, "gw:1"}}) == std::vector<unsigned>{0});
  for (const Try& how : tries({{LinkAddress::Kind::tcp, "gw:1"}})) CHECK(how.protocol->modbus);
  CHECK(joined(tries({{LinkAddress::Kind::tcp, "gw:1"}})).find("daly-modbus\n") != std::string::npos);
}

TEST_CASE("tries: a neighbour's board is not taken for one that is looked for") {
  const auto left = joined(not_of({pack("daly-a5", 2), pack("jbd")}, tries(anywhere)));
  CHECK(left.find("daly-a5, address 1\n") != std::string::npos);
  CHECK(left.find("daly-a5, address 2\n") == std::string::npos);
  CHECK(left.find("daly-modbus") == std::string::npos);  // the same board may answer it too
  CHECK(left.find("jbd") == std::string::npos);
  CHECK(left.find("jk-uart") != std::string::npos);
}
