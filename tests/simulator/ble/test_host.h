#pragma once
// A host in front of the simulated controller, in a time of its own: it says HCI packets and hears what comes back.
#include <map>
#include <utility>

#include "tests/simulator/ble/controller.h"
#include "tests/simulator/ble/little_endian.h"

namespace simulator::ble {

class TestTimers : public Timers {
 public:
  void after(Milliseconds wait, std::function<void()> what) override { due_.emplace(now_ + wait, std::move(what)); }
  void pass(Milliseconds length) {
    const Milliseconds end = now_ + length;
    while (!due_.empty() && due_.begin()->first <= end) {
      now_ = due_.begin()->first;
      const auto what = std::move(due_.begin()->second);
      due_.erase(due_.begin());
      what();
    }
    now_ = end;
  }

 private:
  Milliseconds now_{0};
  std::multimap<Milliseconds, std::function<void()>> due_;
};

/// Says what it was told, and repeats what it hears.
class Parrot : public Device {
 public:
  std::vector<Answer> receive(const Octets& bytes) override { return {{bytes, bytes, Milliseconds(20)}}; }
  bool intact(const Octets&) const override { return true; }
  std::vector<Octets> unasked() override { return said_by_itself; }
  void link_opened() override { ++links; }

  std::vector<Octets> said_by_itself;
  int links = 0;
};

struct TestHost {
  TestTimers timers;
  std::vector<Octets> heard;
  Controller controller{timers, [this](const Octets& packet) { heard.push_back(packet); }};

  void command(int opcode, const Octets& parameters = {}) {
    controller.receive(Put().u8(1).u16(opcode).u8(static_cast<int>(parameters.size())).all(parameters));
  }
  /// What came since the last look.
  std::vector<Octets> after(Milliseconds length) {
    timers.pass(length);
    return std::exchange(heard, {});
  }
  void scan(bool active, bool once_each = false, bool accept_list_only = false) {
    command(0x200B, Put().u8(active).u16(96).u16(48).u8(0).u8(accept_list_only));
    command(0x200C, Put().u8(1).u8(once_each));
  }
  void dial(const Address& to) { command(0x200D, Put().u16(96).u16(96).u8(0).all(to.on_the_wire()).u8(0).zeros(12)); }
  /// Links with it; its handle.
  int link(const Address& to) {
    dial(to);
    for (const Octets& packet : after(Milliseconds(500))) {
      if (packet[0] == 4 && packet[1] == 0x3E && packet[3] == 0x01 && packet[4] == 0) return u16_at(packet, 5);
    }
    return -1;
  }
  void l2cap(int handle, int channel, const Octets& data) {
    const Octets whole = Put().u16(static_cast<int>(data.size())).u16(channel).all(data);
    controller.receive(Put().u8(2).u16(handle).u16(static_cast<int>(whole.size())).all(whole));
  }
  void attribute(int handle, const Octets& pdu) { l2cap(handle, 4, pdu); }
};

/// The attribute PDUs among whole ACL packets.
inline std::vector<Octets> attributes_in(const std::vector<Octets>& packets) {
  std::vector<Octets> pdus;
  for (const Octets& packet : packets) {
    if (packet[0] == 2) pdus.push_back(part(packet, 9));
  }
  return pdus;
}
inline std::vector<Octets> events_in(const std::vector<Octets>& packets, int code) {
  std::vector<Octets> events;
  for (const Octets& packet : packets) {
    if (packet[0] == 4 && packet[1] == code) events.push_back(part(packet, 3));
  }
  return events;
}

}  // namespace simulator::ble
