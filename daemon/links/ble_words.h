#pragma once
// What an owner meets on the way to a BMS by Bluetooth, and what to try.
#include <string>
#include <vector>

#include "daemon/links/ble_objects.h"

namespace cellwarden::ble::words {

std::string no_bus(const BusError& error);
/// bluetoothd does not answer: not there, not allowed, or it hangs. `has_hardware`: the kernel knows an adapter; where
/// it knows none systemd does not start bluetoothd, and says nothing.
std::string no_daemon(const BusError& error, bool has_hardware = true);
std::string no_adapter();
std::string wrong_adapter(const std::string& wanted, const std::vector<std::string>& there);
std::string cannot_switch_on(const std::string& adapter, const BusError& error);
std::string cannot_scan(const std::string& adapter, const BusError& error);
std::string not_in_sight(const std::string& device, const std::string& adapter);
std::string hears_nothing(const std::string& device, const std::string& adapter);
std::string same_name(const std::string& name, const std::vector<Sighting>& devices);
std::string held_here(const std::string& device);
std::string too_many_links(const std::string& adapter, int most);
/// It asks for a PIN that is not configured, or does not take the one that is.
std::string pin_wanted(const std::string& device, bool has_pin);
std::string cannot_connect(const std::string& device, const BusError& error);
std::string no_services(const std::string& device);
std::string other_services(const std::string& device, const std::vector<Service>& there);
std::string cannot_pair(const std::string& device, const BusError& error, bool has_pin);
std::string cannot_notify(const std::string& device, const BusError& error, bool has_pin);
std::string cannot_write(const std::string& device, const BusError& error, bool has_pin);

}  // namespace cellwarden::ble::words
