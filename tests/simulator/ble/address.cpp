#include "tests/simulator/ble/address.h"

#include <cstdio>

namespace simulator::ble {

Octets Address::on_the_wire() const {
  Octets wire{static_cast<std::uint8_t>(random)};
  wire.insert(wire.end(), bytes.rbegin(), bytes.rend());
  return wire;
}

Address address_from(const std::string& text, bool random) {
  Octets bytes(6);
  int length = 0;
  const int found = std::sscanf(text.c_str(), "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &bytes[0], &bytes[1], &bytes[2],
                                &bytes[3], &bytes[4], &bytes[5], &length);
  const bool whole = found == 6 && static_cast<std::size_t>(length) == text.size();
  if (!whole || (random && bytes[0] < 0xC0)) bytes.clear();
  return {bytes, random};
}

}  // namespace simulator::ble
