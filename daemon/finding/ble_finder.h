#pragma once
// Which protocol a Bluetooth device speaks: by the services it shows, and by asking. No password is sent.
#include "daemon/finding/findings.h"
#include "daemon/links/ble_port.h"

namespace cellwarden::finding {

class BleFinder {
 public:
  BleFinder(ble::Bluez& bluez, Place place, Say say) : bluez_(bluez), place_(std::move(place)), say_(std::move(say)) {}

  /// One link carries one pack: ends with the first. Throws LinkLost when there is no Bluetooth, no such device, or
  /// none of its services is one of a BMS.
  Task<void> run();

  Findings findings;

 private:
  Task<void> ask(Link& link, const Protocol& protocol);
  ble::BleSettings settings(std::span<const GattService> services) const;

  ble::Bluez& bluez_;
  Place place_;
  Say say_;
};

}  // namespace cellwarden::finding
