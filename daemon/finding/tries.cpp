#include "daemon/finding/tries.h"

#include <algorithm>

#include "protocols/modbus_rtu.h"

namespace cellwarden::finding {

namespace {

/// The rates at which a protocol may be at that place.
std::vector<unsigned> bauds_of(const Protocol& protocol, const Place& place) {
  if (place.link.is_tcp()) return {0};
  if (place.baud != 0) return {place.baud};
  std::vector<unsigned> all(protocol.probe.bauds.begin(), protocol.probe.bauds.end());
  return all.empty() ? std::vector{protocol.default_baud} : all;
}

bool is_possible(const Protocol& protocol, const Place& place) {
  if (protocol.default_baud == 0 || !why_not_on(place.link, protocol.id).empty()) return false;
  if (place.address == 0) return true;
  if (protocol.only_listens) return protocol.addressed;
  return protocol.addressed && protocol.probe.first_address <= place.address &&
         place.address <= protocol.probe.last_address;
}

}  // namespace

Place place_of(const PackConfig& pack) {
  return {pack.link, pack.baud, pack.address, pack.rs485, pack.adapter, pack.pin};
}

std::string at_baud(unsigned baud) { return baud == 0 ? "" : std::to_string(baud) + " baud: "; }

std::string text(const Try& how) {
  const bool has_address = how.protocol->addressed && how.address != 0;
  return at_baud(how.baud) + std::string(how.protocol->id) +
         (has_address ? ", address " + std::to_string(how.address) : "");
}

std::vector<Try> tries(const Place& place) {
  std::vector<Try> all;
  for (const Protocol& protocol : catalog()) {
    if (protocol.only_listens || !is_possible(protocol, place)) continue;
    const int first = place.address ? place.address : protocol.probe.first_address;
    const int last = place.address ? place.address : protocol.probe.last_address;
    for (const unsigned baud : bauds_of(protocol, place)) {
      for (int address = first; address <= last; ++address) all.push_back({&protocol, baud, address});
    }
  }
  std::ranges::stable_sort(all, {}, &Try::baud);
  return all;
}

std::vector<Try> ears(const Place& place) {
  std::vector<Try> all;
  for (const Protocol& protocol : catalog()) {
    if (!protocol.only_listens || !is_possible(protocol, place)) continue;
    for (const unsigned baud : bauds_of(protocol, place)) all.push_back({&protocol, baud, place.address});
  }
  std::ranges::stable_sort(all, {}, &Try::baud);
  return all;
}

std::vector<unsigned> bauds(const Place& place) {
  std::vector<unsigned> all;
  for (const auto& of : {tries(place), ears(place)}) {
    for (const Try& how : of) all.push_back(how.baud);
  }
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::vector<const Protocol*> over_bluetooth() {
  std::vector<const Protocol*> all;
  for (const Protocol& protocol : catalog()) {
    if (!protocol.gatt.services.empty()) all.push_back(&protocol);
  }
  return all;
}

Duration for_gateway(const Place& place) {
  return place.link.kind == LinkAddress::Kind::tcp ? Duration(modbus::gateway_limit) : Duration{};
}

Duration patience(const Try& how) {
  const Recognition& known = how.protocol->probe;
  const bool is_further = how.protocol->addressed && !how.protocol->only_listens && how.address != known.first_address;
  return is_further ? std::min(known.patience, known.further_patience) : known.patience;
}

Duration longest(const Place& place) {
  if (place.link.kind == LinkAddress::Kind::ble) {
    return patience_on_air * static_cast<int>(over_bluetooth().size());
  }
  Duration sum{};
  for (const unsigned baud : bauds(place)) {
    Duration ear{};
    for (const Try& how : ears(place)) {
      if (how.baud == baud) ear += patience(how);
    }
    sum += std::max(ear, listening);
  }
  for (const Try& how : tries(place)) sum += patience(how) + for_gateway(place);
  return sum;
}

std::string summary(const Place& place) {
  if (place.link.kind == LinkAddress::Kind::ble) {
    std::string all;
    for (const Protocol* protocol : over_bluetooth()) all += (all.empty() ? "" : ", ") + std::string(protocol->id);
    return all;
  }
  auto all = tries(place);
  const auto listeners = ears(place);
  all.insert(all.end(), listeners.begin(), listeners.end());
  std::string text;
  for (const unsigned baud : bauds(place)) {
    std::string here;
    for (const Protocol& protocol : catalog()) {
      const auto count =
          std::ranges::count_if(all, [&](const Try& how) { return how.baud == baud && how.protocol == &protocol; });
      if (count == 0) continue;
      here += (here.empty() ? "" : ", ") + std::string(protocol.id);
      if (count > 1) {
        here += " (addresses " + std::to_string(protocol.probe.first_address) + " to " +
                std::to_string(protocol.probe.last_address) + ")";
      }
    }
    text += (text.empty() ? "" : "; ") + here + (baud == 0 ? "" : " at " + std::to_string(baud) + " baud");
  }
  return text;
}

}  // namespace cellwarden::finding
