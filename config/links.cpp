// "serial:/dev/ttyUSB0" and its kin.
#include <algorithm>
#include <cctype>

#include "config/config.h"
#include "protocols/adapter.h"

namespace cellwarden {

namespace {

/// "aa:bb:cc:dd:ee:ff" -> upper case; empty where it is none.
std::string bluetooth_address(std::string_view text) {
  if (text.size() != 17) return "";
  std::string address;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (i % 3 == 2 ? c != ':' : !std::isxdigit(c)) return "";
    address += static_cast<char>(std::toupper(c));
  }
  return address;
}

}  // namespace

std::optional<LinkAddress> parse_link(std::string_view text, std::string& why) {
  const std::string written = "\"" + std::string(text) + "\"";
  const auto fail = [&](std::string what) {
    why = std::move(what);
    return std::nullopt;
  };
  const auto colon = text.find(':');
  const auto scheme = text.substr(0, colon);
  if (text.starts_with('/')) {
    return fail("link " + written + " does not say what it is; did you mean \"serial:" + std::string(text) + "\"?");
  }
  if (scheme == "ble" && colon != std::string_view::npos) {
    const auto device = text.substr(colon + 1);
    if (device.empty()) {
      return fail("link " + written +
                  " needs a device: ble:AA:BB:CC:DD:EE:FF or ble:NAME; `cellwarden scan` shows them");
    }
    const std::string address = bluetooth_address(device);
    return LinkAddress{LinkAddress::Kind::ble, address.empty() ? std::string(device) : address};
  }
  if (scheme == "tcp" || scheme == "rtu+tcp") {
    return fail("link " + written + ": " + std::string(scheme) +
                ": is not supported by this build yet; use serial:/dev/... or ble:...");
  }
  if (colon == std::string_view::npos || (scheme != "serial" && scheme != "capture")) {
    return fail("link " + written +
                " is not a link; write serial:/dev/serial/by-id/..., ble:AA:BB:CC:DD:EE:FF or capture:FILE");
  }
  const auto path = text.substr(colon + 1);
  if (scheme == "serial" && (!path.starts_with('/') || path.size() < 2)) {
    return fail("link " + written + " needs the whole path of the port, such as serial:/dev/ttyUSB0");
  }
  if (path.empty()) return fail("link " + written + " needs a file: capture:FILE");
  return LinkAddress{scheme == "serial" ? LinkAddress::Kind::serial : LinkAddress::Kind::capture, std::string(path)};
}

std::string why_not_on(const LinkAddress& link, std::string_view protocol_id) {
  const Protocol* protocol = find_protocol(protocol_id);
  if (!protocol || link.kind != LinkAddress::Kind::serial || protocol->default_baud != 0) return "";
  std::string why = "protocol \"" + std::string(protocol->id) +
                    "\" is not spoken on serial ports but over Bluetooth; write link = \"ble:AA:BB:CC:DD:EE:FF\"";
  for (const Protocol& other : catalog()) {
    if (other.brand == protocol->brand && other.default_baud != 0)
      why += ", or protocol = \"" + std::string(other.id) + "\"";
  }
  return why;
}

}  // namespace cellwarden
