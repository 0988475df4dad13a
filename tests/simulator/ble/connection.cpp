#include "tests/simulator/ble/connection.h"

#include "tests/simulator/ble/little_endian.h"

namespace simulator::ble {

namespace {

constexpr int continues = 1;                                // pb flag, both ways
constexpr int starts_to_host = 2 << 12, goes_on = 1 << 12;  // with the handle
constexpr int attributes = 4, signalling = 5, security = 6;

}  // namespace

void Connection::receive(int boundary, const Octets& data) {
  if (boundary != continues) received_.clear();
  received_.insert(received_.end(), data.begin(), data.end());
  if (received_.size() < 4) return;
  const auto size = static_cast<std::size_t>(u16_at(received_, 0));
  if (received_.size() < 4 + size) return;
  const int channel = u16_at(received_, 2);
  const Octets whole = part(received_, 4, size);
  received_.clear();
  if (!whole.empty()) take(channel, whole);
}

void Connection::take(int channel, const Octets& data) {
  if (channel == attributes) {
    const Octets answer = peripheral_.respond(data);
    if (!answer.empty()) send(attributes, answer);
  } else if (channel == signalling && data.size() > 1) {
    constexpr int reject = 0x01, parameters_answer = 0x13, not_understood = 0;
    if (data[0] == reject || data[0] == parameters_answer) return;
    send(signalling, Put().u8(reject).u8(data[1]).u16(2).u16(not_understood));
  } else if (channel == security) {
    const Octets answer = peripheral_.pair(data, central_address);
    if (!answer.empty()) send(security, answer);
  }
}

void Connection::encrypted() {
  for (const Octets& pdu : peripheral_.keys_to_tell()) send(security, pdu);
}

void Connection::send(int channel, const Octets& data) {
  const Octets whole = Put().u16(static_cast<int>(data.size())).u16(channel).all(data);
  for (std::size_t at = 0; at < whole.size(); at += acl_size) {
    const Octets piece = part(whole, at, acl_size);
    to_host_(Put()
                 .u8(0x02)
                 .u16(handle_ | (at == 0 ? starts_to_host : goes_on))
                 .u16(static_cast<int>(piece.size()))
                 .all(piece));
  }
}

}  // namespace simulator::ble
