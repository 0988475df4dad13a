#include "tests/simulator/ble/att_server.h"

#include <algorithm>

#include "tests/simulator/ble/little_endian.h"

namespace simulator::ble {

namespace {

constexpr int least_mtu = 23;
constexpr int primary_service = 0x2800, characteristic = 0x2803, subscription = 0x2902;
constexpr int invalid_handle = 0x01, no_read = 0x02, no_write = 0x03, invalid_pdu = 0x04, not_trusted = 0x05,
              not_supported = 0x06, invalid_offset = 0x07, not_found = 0x0A;

Octets error(const Octets& request, int handle, int why) { return Put().u8(0x01).u8(request[0]).u16(handle).u8(why); }

/// The shortest a request may be: op code and its fixed fields.
std::size_t least_size(int op) {
  switch (op) {
    case 0x02:
    case 0x0A:
    case 0x12:
    case 0x52:
      return 3;
    case 0x04:
    case 0x0C:
      return 5;
    case 0x06:
    case 0x08:
    case 0x10:
      return 7;
    default:
      return 1;
  }
}

}  // namespace

AttServer::AttServer(const std::vector<Service>& services, int offered_mtu) : offered_mtu_(offered_mtu) {
  int next = 1;
  for (const Service& service : services) {
    const int group = std::max(next, service.handle);
    next = group;
    attributes_[next++] = {primary_service, Put().u16(service.uuid)};
    for (const Characteristic& one : service.characteristics) {
      attributes_[next] = {characteristic, Put().u8(one.properties).u16(next + 1).u16(one.uuid)};
      attributes_[next + 1] = {one.uuid, one.value, one.properties};
      next += 2;
      if (one.properties & notifies) attributes_[next++] = {subscription, Octets(2), reads | writes};
    }
    attributes_[group].group_end = next - 1;
  }
}

void AttServer::forget_central() {
  mtu_ = least_mtu;
  for (auto& [handle, attribute] : attributes_) {
    if (attribute.type == subscription) attribute.value.assign(2, 0);
  }
}

bool AttServer::subscribed(int handle) const {
  const auto at = attributes_.find(handle + 1);
  return at != attributes_.end() && at->second.type == subscription && (at->second.value[0] & 1);
}

Octets AttServer::notification(int handle, const Octets& value) const {
  return Put().u8(0x1B).u16(handle).all(part(value, 0, mtu() - 3));
}

int AttServer::find(int uuid, int property) const {
  for (const auto& [handle, attribute] : attributes_) {
    if (attribute.type == uuid && (attribute.properties & property)) return handle;
  }
  return 0;
}

Octets AttServer::respond(const Octets& request) {
  if (request.empty()) return {};
  const int op = request[0];
  const bool command = op & 0x40;
  if (request.size() < least_size(op)) return command ? Octets{} : error(request, 0, invalid_pdu);
  switch (op) {
    case 0x02:
      mtu_ = std::max(least_mtu, std::min(offered_mtu_, u16_at(request, 1)));
      return Put().u8(0x03).u16(offered_mtu_);
    case 0x04:
      return find_information(request);
    case 0x06:
      return find_service(request);
    case 0x08:
    case 0x10:
      return read_list(request);
    case 0x0A:
    case 0x0C:
      return read(request);
    case 0x12:
    case 0x52:
      return write(request);
    case 0x1E:
      return {};  // a confirmation
    default:
      return command ? Octets{} : error(request, 0, not_supported);
  }
}

/// Attributes of one type in a range: read by type (08), read by group type (10).
Octets AttServer::read_list(const Octets& request) {
  const bool groups = request[0] == 0x10;
  const int from = u16_at(request, 1), to = u16_at(request, 3);
  Put list;
  std::size_t entry_size = 0;
  for (auto at = attributes_.lower_bound(from); at != attributes_.end() && at->first <= to; ++at) {
    const auto& [handle, attribute] = *at;
    if (request.size() != 7 || attribute.type != u16_at(request, 5) || (groups && attribute.group_end == 0)) continue;
    Put entry;
    entry.u16(handle);
    if (groups) entry.u16(attribute.group_end);
    entry.all(part(attribute.value, 0, mtu() - 2 - entry.size()));
    if (entry_size == 0) entry_size = entry.size();
    if (entry.size() != entry_size || 2 + list.size() + entry_size > mtu()) break;  // the next request gets these
    list.all(entry);
  }
  if (entry_size == 0) return error(request, from, not_found);
  return Put().u8(request[0] + 1).u8(static_cast<int>(entry_size)).all(list);
}

Octets AttServer::find_information(const Octets& request) const {
  const int from = u16_at(request, 1), to = u16_at(request, 3);
  Put list;
  for (auto at = attributes_.lower_bound(from); at != attributes_.end() && at->first <= to; ++at) {
    if (2 + list.size() + 4 > mtu()) break;
    list.u16(at->first).u16(at->second.type);
  }
  if (list.size() == 0) return error(request, from, not_found);
  return Put().u8(0x05).u8(0x01).all(list);
}

Octets AttServer::find_service(const Octets& request) const {
  const int from = u16_at(request, 1), to = u16_at(request, 3);
  Put list;
  for (auto at = attributes_.lower_bound(from); at != attributes_.end() && at->first <= to; ++at) {
    const auto& [handle, attribute] = *at;
    const bool wanted =
        attribute.type == u16_at(request, 5) && attribute.group_end > 0 && attribute.value == part(request, 7);
    if (wanted && 1 + list.size() + 4 <= mtu()) list.u16(handle).u16(attribute.group_end);
  }
  if (list.size() == 0) return error(request, from, not_found);
  return Put().u8(0x07).all(list);
}

Octets AttServer::read(const Octets& request) const {
  const int handle = u16_at(request, 1);
  const auto at = attributes_.find(handle);
  if (at == attributes_.end()) return error(request, handle, invalid_handle);
  if (!(at->second.properties & reads)) return error(request, handle, no_read);
  const auto offset = static_cast<std::size_t>(request[0] == 0x0C ? u16_at(request, 3) : 0);
  if (offset > at->second.value.size()) return error(request, handle, invalid_offset);
  return Put().u8(request[0] + 1).all(part(at->second.value, offset, mtu() - 1));
}

Octets AttServer::write(const Octets& request) {
  const bool wants_answer = request[0] == 0x12;
  const int handle = u16_at(request, 1);
  const auto at = attributes_.find(handle);
  const auto refused = [&](int why) { return wants_answer ? error(request, handle, why) : Octets{}; };
  if (at == attributes_.end()) return refused(invalid_handle);
  Attribute& attribute = at->second;
  if (!(attribute.properties & (wants_answer ? writes : writes_command))) return refused(no_write);
  if (shut_) return refused(not_trusted);
  const Octets value = part(request, 3);
  if (attribute.type != subscription) {
    if (on_write) on_write(handle, value);
  } else if (value.size() == 2) {
    attribute.value = value;
    if (on_subscribe && (value[0] & 1)) on_subscribe(handle - 1);
  }
  return wants_answer ? Octets{0x13} : Octets{};
}

}  // namespace simulator::ble
