#include "tests/simulator/ble/profiles.h"

#include "tests/simulator/ble/little_endian.h"

namespace simulator::ble {

const std::string_view ble_keys =
    "ble=AA:BB:CC:DD:EE:FF instead of path, random=1 (a random static address), ble_name=TEXT, mtu=23 to 247, "
    "chunk=N (longest notification), rssi=-60, pin=123456 (wants to be paired by it); with jk-ble: gatt=1|2 (one or "
    "two characteristics FFE1); with jbd: "
    "gatt=ff00|fff0; with daly: gatt=fff0|ff00";

namespace {

constexpr int any_write = writes | writes_command;

Service generic_access(const std::string& name) {
  return {0x1800, {{0x2A00, reads, Put().text(name)}, {0x2A01, reads, Octets(2)}}};
}

/// A pair as most boards have it: one that notifies, one to write to.
Service serial_service(int uuid, int notify_uuid, int write_uuid) {
  return {uuid, {{notify_uuid, reads | notifies}, {write_uuid, any_write}}};
}

Octets advertised_service(int uuid) { return Put().u8(3).u8(0x03).u16(uuid); }

Octets manufacturer(int company, const Octets& data) {
  return Put().u8(static_cast<int>(data.size()) + 3).u8(0xFF).u16(company).all(data);
}

struct Profile {
  std::string name;
  int mtu;
  std::size_t chunk = 0;
  int service = 0;
  Octets manufacturer_data{};
  std::vector<Service> services{};
  int writes_to = 0, notifies_from = 0;
  std::string greeting{};
};

Profile jk(Keys& keys, const Octets& address) {
  Profile profile{.name = "JK_PB2A16S20P", .mtu = 131, .service = 0xFFE0};
  profile.manufacturer_data = manufacturer(0x0B65, Put().u8(0x88).u8(0xA0).all(address));
  if (keys.whole("gatt", 1, 1, 2) == 1) {
    profile.services = {{0xFFE0, {{0xFFE2, any_write}, {0xFFE1, any_write | notifies}}, 0x0E}};
    profile.writes_to = profile.notifies_from = 0x12;
  } else {
    profile.services = {{0xFFE0, {{0xFFE1, any_write}, {0xFFE1, reads | notifies}}, 0x01}};
    profile.writes_to = 0x03, profile.notifies_from = 0x05;
  }
  return profile;
}

Profile daly(Keys& keys, const Octets& address, std::size_t chunk) {
  const std::string gatt = keys.text("gatt", "fff0");
  if (gatt != "fff0" && gatt != "ff00") keys.refuse("gatt=" + gatt + " must be fff0 or ff00");
  const int service = gatt == "fff0" ? 0xFFF0 : 0xFF00;
  Profile profile{.name = "DL-40" + std::to_string(address[4]) + std::to_string(address[5]), .mtu = 247};
  profile.chunk = chunk;
  profile.service = service;
  profile.manufacturer_data = manufacturer(0x0302, address);
  profile.services = {serial_service(service, service + 1, service + 2)};
  profile.greeting = "char1_ntf_data";
  return profile;
}

Profile jbd(Keys& keys) {
  const std::string gatt = keys.text("gatt", "ff00");
  if (gatt != "fff0" && gatt != "ff00") keys.refuse("gatt=" + gatt + " must be ff00 or fff0");
  const int service = gatt == "fff0" ? 0xFFF0 : 0xFF00;
  return {.name = "xiaoxiang BMS",
          .mtu = 247,
          .chunk = 20,
          .service = service,
          .services = {serial_service(service, service + 1, service + 2)}};
}

Profile profile_of(Keys& keys, const Octets& address) {
  const std::string protocol = keys.text("protocol", "jbd");
  constexpr std::size_t a5_frame = 13;
  if (protocol == "jk-ble") return jk(keys, address);
  if (protocol == "daly-a5") return daly(keys, address, a5_frame);
  if (protocol == "daly-modbus" || protocol == "daly-hkms") return daly(keys, address, 0);
  if (protocol == "jbd") return jbd(keys);
  keys.refuse("protocol=" + protocol + " is not spoken over Bluetooth");
}

}  // namespace

PeripheralOptions peripheral_options(Keys& keys) {
  const std::string text = keys.text("ble", "");
  PeripheralOptions options{.address = address_from(text, keys.flag("random", false))};
  if (options.address.bytes.empty()) keys.refuse("ble=" + text + " is no such address");
  Profile profile = profile_of(keys, options.address.bytes);
  const std::string name = keys.text("ble_name", profile.name);
  constexpr std::size_t longest_name = 29;
  if (name.size() > longest_name) keys.refuse("ble_name= has at most 29 characters");

  options.advertisement =
      Put().u8(2).u8(0x01).u8(0x06).all(advertised_service(profile.service)).all(profile.manufacturer_data);
  options.scan_response = Put().u8(static_cast<int>(name.size()) + 1).u8(0x09).text(name);
  options.services = std::move(profile.services);
  // The board's own handles come first where it has any at the front.
  const auto generic = options.services.front().handle == 1 ? options.services.end() : options.services.begin();
  options.services.insert(generic, generic_access(name));
  options.writes_to = profile.writes_to, options.notifies_from = profile.notifies_from;
  options.mtu = keys.whole("mtu", profile.mtu, 23, 247);
  options.chunk = static_cast<std::size_t>(keys.whole("chunk", static_cast<int>(profile.chunk), 0, 244));
  options.rssi = keys.whole("rssi", -60, -127, 20);
  options.greeting = profile.greeting;
  options.pin = keys.text("pin", "");
  if (!options.pin.empty() &&
      (options.pin.size() != 6 || options.pin.find_first_not_of("0123456789") != std::string::npos))
    keys.refuse("pin=" + options.pin + " has not six digits");
  return options;
}

}  // namespace simulator::ble
