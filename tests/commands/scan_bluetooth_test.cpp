// What `scan` makes of a device it hears, and the lines it offers.
#include "daemon/commands/scan_bluetooth.h"

#include <doctest/doctest.h>

using namespace cellwarden;

namespace {

ble::Sighting named(const std::string& name) {
  return {.path = "", .address = "AA:00:00:00:00:01", .name = name, .rssi_dbm = -60, .uuids = {}, .manufacturers = {}};
}

/// "daly-a5 daly-modbus daly-hkms"
std::string guess(const ble::Sighting& seen) {
  std::string all;
  for (const Protocol* protocol : looks_like(seen)) all += (all.empty() ? "" : " ") + std::string(protocol->id);
  return all;
}

}  // namespace

TEST_CASE("scan: a name that begins as a brand's does tells the brand") {
  CHECK(guess(named("JBD-SP04S034")) == "jbd");
  CHECK(guess(named("xiaoxiang BMS")) == "jbd");
  CHECK(guess(named("JK_B2A8S20P")) == "jk-ble");
  CHECK(guess(named("DL-40D2")) == "daly-a5 daly-modbus daly-hkms");
  for (const auto* name : {"", "My JBD-SP04S034", "jk_b2a8", "Headphones", "J"}) {
    CAPTURE(std::string(name));
    CHECK(guess(named(name)) == "");
  }
}

TEST_CASE("scan: one with a name of its owner's is told by its maker, else by its services") {
  auto seen = named("House");
  seen.uuids = {ble::full_uuid("180f")};
  seen.manufacturers = {0x004C};
  CHECK(guess(seen) == "");
  seen.uuids.push_back(ble::full_uuid("ffe0"));
  CHECK(guess(seen) == "jk-ble");
  seen.manufacturers.push_back(0x0102);
  CHECK(guess(seen) == "daly-a5 daly-modbus daly-hkms");
  seen.name = "JBD-House";
  CHECK(guess(seen) == "jbd");
}

TEST_CASE("scan: a service that several brands use names them all") {
  auto seen = named("House");
  seen.uuids = {ble::full_uuid("ff00")};
  CHECK(guess(seen) == "jbd daly-a5 daly-modbus daly-hkms");
}

TEST_CASE("scan: the lines for the config name the first guess, and the others beside it") {
  const auto lines = [](const std::string& name, int number) {
    return pack_lines({named(name), "hci0", looks_like(named(name))}, number);
  };
  CHECK(lines("JK_B2A8S20P", 1) ==
        "[[pack]]\nid = \"jk-1\"\nprotocol = \"jk-ble\"\nlink = \"ble:AA:00:00:00:00:01\"\n");
  CHECK(lines("DL-40D2", 12) ==
        "[[pack]]\nid = \"daly-12\"\nprotocol = \"daly-a5\"  # or daly-modbus, daly-hkms\nlink = "
        "\"ble:AA:00:00:00:00:01\"\n");
}
