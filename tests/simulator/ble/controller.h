#pragma once
// A Bluetooth 4.2 controller without BR/EDR, as the host sees it through HCI (core specification 4.2, volume 2, part E,
// volume 6 for the air): it hears the peripherals' advertisements and links the host with them. It has what Linux 6.1
// asks of such a controller and refuses everything else.
//
//   command   01 | opcode16 | length8 | parameters
//   ACL data  02 | handle12 pb2 bc2 | length16 | data
//   event     04 | code8 | length8 | parameters
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "tests/simulator/ble/connection.h"

namespace simulator::ble {

class Controller {
 public:
  Controller(Timers& timers, Connection::ToHost to_host) : timers_(timers), to_host_(std::move(to_host)) {}

  void add(Peripheral& peripheral) { peripherals_.push_back(&peripheral); }
  /// One packet from the host.
  void receive(const Octets& packet);
  /// As after power-on: no link, no scan. Nobody is told.
  void reset();

 private:
  struct Scan {
    bool active = false, accept_list_only = false, once_each = false;
    std::set<const Peripheral*> heard{};
  };
  struct Dial {
    bool accept_list_only = false;
    Octets to;
  };

  void command(int opcode, const Octets& parameters);
  bool answer_with_facts(int opcode, const Octets& parameters);
  bool follow(int opcode, const Octets& parameters);
  void change_accept_list(int opcode, const Octets& entry);
  void scan(const Octets& parameters);
  void advertise(int scan);
  void dial(const Octets& parameters);
  void stop_dialling();
  void try_links(int dial);
  void link(Peripheral& peripheral);
  void hang_up(int handle);
  void encrypt(const Octets& parameters);
  void ended(int handle, int reason);
  void acl_data(const Octets& packet);

  void event(int code, const Octets& parameters);
  void le_event(int subcode, const Octets& parameters);
  void complete(int opcode, const Octets& values = {});
  void refuse(int opcode, int why);
  void accepted(int opcode, int status = 0);

  Timers& timers_;
  Connection::ToHost to_host_;
  std::vector<Peripheral*> peripherals_;
  std::map<int, std::unique_ptr<Connection>> links_;  ///< by handle
  std::set<Octets> accept_list_;
  Octets scan_settings_ = Octets(7);
  std::optional<Scan> scan_;
  std::optional<Dial> dial_;
  int scans_ = 0, dials_ = 0;  ///< begun so far: what was meant for an older one is void
};

}  // namespace simulator::ble
