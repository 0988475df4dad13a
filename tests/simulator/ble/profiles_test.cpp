// What boards show on the air, by the keys of --pack.
#include "tests/simulator/ble/profiles.h"

#include <doctest/doctest.h>

#include "tests/simulator/ble/little_endian.h"

using namespace simulator;
using namespace simulator::ble;

namespace {

PeripheralOptions shown(const std::string& text) {
  Keys keys("--pack", text);
  PeripheralOptions options = peripheral_options(keys);
  keys.all_known();
  return options;
}

}  // namespace

TEST_CASE("profiles: a JK advertises FFE0 and its address, in both layouts of its module") {
  for (const auto& [gatt, write, notify] : {std::tuple{"1", 0x12, 0x12}, {"2", 0x03, 0x05}}) {
    const auto options = shown("protocol=jk-ble,ble=C8:47:8C:01:02:03,ble_name=Boat,gatt=" + std::string(gatt));
    CHECK(options.advertisement ==
          Octets{2, 1, 6, 3, 3, 0xE0, 0xFF, 11, 0xFF, 0x65, 0x0B, 0x88, 0xA0, 0xC8, 0x47, 0x8C, 0x01, 0x02, 0x03});
    CHECK(options.scan_response == Octets{5, 9, 'B', 'o', 'a', 't'});
    CHECK(options.writes_to == write);
    CHECK(options.notifies_from == notify);
    const AttServer server(options.services, options.mtu);
    CHECK(server.find(0xFFE1, notifies) == notify);
    CHECK(server.find(0x2A00, reads) > 0);
    CHECK(options.mtu == 131);
  }
}

TEST_CASE("profiles: the pairs of JBD and Daly boards") {
  for (const auto& [text, service, chunk] : {std::tuple{"protocol=jbd", 0xFF00, 20},
                                             {"protocol=jbd,gatt=fff0", 0xFFF0, 20},
                                             {"protocol=daly-modbus", 0xFFF0, 0},
                                             {"protocol=daly-hkms", 0xFFF0, 0},
                                             {"protocol=daly-a5", 0xFFF0, 13},
                                             {"protocol=daly-modbus,gatt=ff00", 0xFF00, 0}}) {
    CAPTURE(text);
    const auto options = shown(std::string(text) + ",ble=A4:C1:37:01:02:03");
    const AttServer server(options.services, options.mtu);
    CHECK(server.find(service + 1, notifies) > 0);
    CHECK(server.find(service + 2, writes_command) > 0);
    CHECK(u16_at(options.advertisement, 5) == service);
    CHECK(options.chunk == static_cast<std::size_t>(chunk));
    CHECK(options.advertisement.size() <= 31);
    CHECK(options.scan_response.size() <= 31);
  }
}

TEST_CASE("profiles: what cannot be is refused") {
  for (const char* text : {"protocol=jbd,ble=A4:C1:37:01:02", "protocol=jbd,ble=A4:C1:37:01:02:03:04",
                           "protocol=jbd,random=1,ble=A4:C1:37:01:02:03",  // its top bits are not 11
                           "protocol=jk-uart,ble=A4:C1:37:01:02:03", "protocol=jbd,gatt=ffe0,ble=A4:C1:37:01:02:03",
                           "protocol=jbd,mtu=22,ble=A4:C1:37:01:02:03",
                           "protocol=jbd,ble=A4:C1:37:01:02:03,ble_name=a name of more than twenty-nine letters"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(shown(text), BadOption);
  }
  CHECK(shown("protocol=jbd,random=1,ble=C4:C1:37:01:02:03").address.on_the_wire() ==
        Octets{1, 0x03, 0x02, 0x01, 0x37, 0xC1, 0xC4});
}
