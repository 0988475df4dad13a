#pragma once
// One link of the controller: L2CAP over ACL packets, fixed channels alone.
//
//   ACL    02 | handle12 pb2 bc2 | length16 | data
//   L2CAP  length16 | channel16 | data           channels: 4 attributes, 5 signalling, 6 security
#include "tests/simulator/ble/peripheral.h"

namespace simulator::ble {

class Connection : public Link {
 public:
  using ToHost = std::function<void(const Octets& packet)>;

  Connection(int handle, Peripheral& peripheral, ToHost to_host, std::function<void(int reason)> on_end)
      : handle_(handle), peripheral_(peripheral), to_host_(std::move(to_host)), on_end_(std::move(on_end)) {
    peripheral_.linked(*this);
  }
  Connection(const Connection&) = delete;

  /// The data of an ACL packet from the host; `boundary` is its pb flag.
  void receive(int boundary, const Octets& data);

  /// The host has it encrypted; whether the board knows that key.
  bool encrypt(const Key& key, int diversifier) { return peripheral_.encrypts(key, diversifier); }
  /// What the board says once it is.
  void encrypted();

  /// Before its end: the board is free again.
  void let_go() { peripheral_.unlinked(); }

  void send_attribute(const Octets& pdu) override { send(4, pdu); }
  /// This link is gone when it returns.
  void end(int reason) override {
    const auto on_end = on_end_;
    on_end(reason);
  }

 private:
  void take(int channel, const Octets& data);
  void send(int channel, const Octets& data);

  int handle_;
  Peripheral& peripheral_;
  ToHost to_host_;
  std::function<void(int)> on_end_;
  Octets received_;
};

/// The longest ACL packet either way, and how many the host may have on the way.
inline constexpr int acl_size = 251, acl_count = 8;
/// The host's own address, public, as HCI has it.
inline const Octets central_address{0, 1, 0, 0, 1, 0xAA, 0};

}  // namespace simulator::ble
