#pragma once
// The attribute server of one peripheral: services, characteristics and their subscriptions, for one central.
// Core specification 4.2, volume 3, parts F and G. Plain bytes in and out; 16-bit UUIDs alone.
//
//   01 request handle16 error      02/03 MTU              04/05 find information     06/07 find by type value
//   08/09 read by type             0A/0B read             0C/0D read blob            10/11 read by group type
//   12/13 write                    52 write command       1B handle16 value: notification
#include <map>

#include "tests/simulator/device.h"

namespace simulator::ble {

enum Property : std::uint8_t { reads = 0x02, writes_command = 0x04, writes = 0x08, notifies = 0x10 };

struct Characteristic {
  int uuid;
  int properties;
  Octets value{};
};

struct Service {
  int uuid;
  std::vector<Characteristic> characteristics;
  int handle = 0;  ///< where it stands; 0: behind the one before it
};

class AttServer {
 public:
  AttServer(const std::vector<Service>& services, int offered_mtu);

  /// The answer to a request; empty to what wants none.
  Octets respond(const Octets& request);
  /// Of a written characteristic.
  std::function<void(int handle, const Octets& value)> on_write;
  /// Of a characteristic that is to notify from now on.
  std::function<void(int handle)> on_subscribe;

  /// Another link: nobody has subscribed, the MTU is 23.
  void forget_central();
  /// Nothing can be written or subscribed to before the link is encrypted.
  void shut(bool shut) { shut_ = shut; }
  std::size_t mtu() const { return static_cast<std::size_t>(mtu_); }
  bool subscribed(int handle) const;
  /// Cut to the MTU.
  Octets notification(int handle, const Octets& value) const;
  /// Where the value of the first such characteristic stands; 0: nowhere.
  int find(int uuid, int property) const;

 private:
  struct Attribute {
    int type;
    Octets value;
    int properties = reads;  ///< of a characteristic's value
    int group_end = 0;       ///< of a service
  };

  Octets read_list(const Octets& request);
  Octets find_information(const Octets& request) const;
  Octets find_service(const Octets& request) const;
  Octets read(const Octets& request) const;
  Octets write(const Octets& request);

  std::map<int, Attribute> attributes_;  ///< by handle
  int offered_mtu_, mtu_ = 23;
  bool shut_ = false;
};

}  // namespace simulator::ble
