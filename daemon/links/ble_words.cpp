#include "daemon/links/ble_words.h"

namespace cellwarden::ble::words {

namespace {

bool says(const BusError& error, std::string_view part) {
  return error.name.find(part) != std::string::npos ||
         std::string_view(error.what()).find(part) != std::string_view::npos;
}

bool wants_pin(const BusError& error) {
  return says(error, "Authenti") || says(error, "NotAuthorized") || says(error, "Not paired") ||
         says(error, "Insufficient") || says(error, "ncryption");
}

/// Whatever was asked, nobody is there to answer.
bool is_gone(const BusError& error) {
  return says(error, "ServiceUnknown") || says(error, "NameHasNoOwner") || says(error, "disconnected from message bus");
}

std::string list(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

const std::string how_to_have_one =
    "plug one in, or switch the board's own on (on a Raspberry Pi: no dtoverlay=disable-bt in config.txt)";

}  // namespace

std::string pin_wanted(const std::string& device, bool has_pin) {
  return has_pin ? device + " does not take the PIN; is pin = \"...\" right? The app of the BMS shows or sets it"
                 : device + " wants to be paired with a PIN; write pin = \"123456\" (as set in its app) under [[pack]]";
}

std::string no_bus(const BusError& error) {
  return std::string("there is no D-Bus here (") + error.what() +
         "), and Bluetooth is reached by it; install it and bluez (sudo apt install dbus bluez), or pass /run/dbus "
         "into the container";
}

std::string no_daemon(const BusError& error, bool has_hardware) {
  if (says(error, "AccessDenied"))
    return "no rights to speak to bluetoothd; add the user to group \"bluetooth\" (sudo usermod -aG bluetooth $USER, "
           "then log in again)";
  if (error.name == no_reply) return "bluetoothd does not answer; restart it: sudo systemctl restart bluetooth";
  if (!has_hardware)
    return "bluetoothd is not running, and this computer has no Bluetooth adapter, without which it does not start; " +
           how_to_have_one + ", then: sudo systemctl restart bluetooth";
  return "bluetoothd is not running; install and start it: sudo apt install bluez; sudo systemctl enable --now "
         "bluetooth";
}

std::string no_adapter() { return "this computer has no Bluetooth adapter; " + how_to_have_one; }

std::string wrong_adapter(const std::string& wanted, const std::vector<std::string>& there) {
  return "there is no Bluetooth adapter \"" + wanted + "\"; is it unplugged? " +
         (there.empty() ? "None is here"
                        : "Here are: " + list(there) + "; write adapter = \"" + there.front() +
                              "\" under [[pack]], or leave it out");
}

std::string cannot_switch_on(const std::string& adapter, const BusError& error) {
  if (is_gone(error)) return no_daemon(error);
  if (says(error, "Blocked") || says(error, "rfkill"))
    return "Bluetooth adapter " + adapter +
           " is blocked (rfkill, or a switch on the case); unblock it: sudo rfkill unblock bluetooth";
  if (says(error, "AccessDenied")) return no_daemon(error);
  return "Bluetooth adapter " + adapter + " is off and cannot be switched on (" + error.what() +
         "); try: bluetoothctl power on";
}

std::string cannot_scan(const std::string& adapter, const BusError& error) {
  if (is_gone(error)) return no_daemon(error);
  return "Bluetooth adapter " + adapter + " cannot look for devices (" + error.what() + "); trying again";
}

std::string not_in_sight(const std::string& device, const std::string& adapter) {
  return device + " is not in sight of " + adapter +
         "; is the phone app connected to it? The BMS then neither advertises nor accepts. Else: is it awake and near?";
}

std::string hears_nothing(const std::string& device, const std::string& adapter) {
  return device + " is not in sight: " + adapter +
         " hears no Bluetooth device at all; is its antenna free (a metal case, USB 3 beside it)?";
}

std::string same_name(const std::string& name, const std::vector<Sighting>& devices) {
  std::vector<std::string> addresses;
  addresses.reserve(devices.size());
  for (const auto& device : devices) addresses.push_back(device.address);
  return "several devices are named \"" + name + "\" (" + list(addresses) + "); write the address of the right one";
}

std::string held_here(const std::string& device) {
  return device +
         " is connected to another program on this computer (the Cellwarden service, Home Assistant?); stop it "
         "there, or for a while: cellwarden release";
}

std::string too_many_links(const std::string& adapter, int most) {
  return adapter + " already holds " + std::to_string(most) + (most == 1 ? " link" : " links") +
         ", the most it is given (max_links under [bluetooth]); write mode = \"per-poll\", or use a second "
         "adapter";
}

std::string cannot_connect(const std::string& device, const BusError& error) {
  if (is_gone(error)) return no_daemon(error);
  if (wants_pin(error)) return pin_wanted(device, false);
  return device + " is in sight but cannot be connected to (" + error.what() +
         "); is the phone app just taking it? Trying again";
}

std::string no_services(const std::string& device) {
  return device + " is connected but does not show its services; trying again";
}

std::string other_services(const std::string& device, const std::vector<Service>& there) {
  std::vector<std::string> names;
  names.reserve(there.size());
  for (const auto& service : there) names.push_back(shown_uuid(service.uuid));
  return device + " has not the service this protocol speaks over; is protocol right, is it this device? It has: " +
         (names.empty() ? "none" : list(names));
}

std::string cannot_pair(const std::string& device, const BusError& error, bool has_pin) {
  if (is_gone(error)) return no_daemon(error);
  if (wants_pin(error) || says(error, "Rejected")) return pin_wanted(device, has_pin);
  return device + " cannot be paired (" + error.what() + "); trying again";
}

std::string cannot_notify(const std::string& device, const BusError& error, bool has_pin) {
  if (is_gone(error)) return no_daemon(error);
  if (wants_pin(error)) return pin_wanted(device, has_pin);
  // bluetoothd 5.66 says no more of a board that wants to be paired before it tells anything.
  const std::string or_pairing =
      has_pin
          ? ""
          : " Or does it want to be paired with a PIN? Then write pin = \"123456\" (as set in its app) under [[pack]]";
  return device + " does not tell its values (" + error.what() + "); does another program here listen to it?" +
         or_pairing;
}

std::string cannot_write(const std::string& device, const BusError& error, bool has_pin) {
  if (is_gone(error)) return no_daemon(error);
  if (wants_pin(error)) return pin_wanted(device, has_pin);
  return device + " cannot be asked (" + error.what() + "); connecting anew";
}

}  // namespace cellwarden::ble::words
