// "serial:/dev/ttyUSB0" and its kin.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>

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

constexpr unsigned modbus_port = 502;

/// "Pi:502" -> "pi:502"; an IPv6 address is in brackets. Of Modbus TCP the port may be missing. Empty where it is none.
std::string host_and_port(std::string_view text, bool has_usual_port) {
  const bool is_v6 = text.starts_with('[');
  const auto host_end = is_v6 ? text.find(']') : text.find(':');
  if (is_v6 && host_end == std::string_view::npos) return "";
  std::string_view host = text.substr(0, is_v6 ? host_end + 1 : host_end);
  std::string_view port = text.substr(host.size());
  if (host.empty() || host == "[]" || host.find_first_of("/ @") != std::string_view::npos) return "";

  std::string clean;
  std::ranges::transform(host, std::back_inserter(clean), [](unsigned char c) { return std::tolower(c); });
  if (port.empty()) return has_usual_port ? clean + ":" + std::to_string(modbus_port) : "";
  port.remove_prefix(1);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || number == 0 || number > 65535) return "";
  return clean + ":" + std::to_string(number);
}

}  // namespace

std::string LinkAddress::text() const {
  switch (kind) {
    case Kind::serial:
      return "serial:" + path;
    case Kind::ble:
      return "ble:" + path;
    case Kind::tcp:
      return "tcp:" + path;
    case Kind::rtu_tcp:
      return "rtu+tcp:" + path;
    case Kind::capture:
      return "capture:" + path;
  }
  return path;
}

std::string LinkAddress::host() const {
  const std::string host = path.substr(0, path.rfind(':'));
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}
std::string LinkAddress::port() const { return path.substr(path.rfind(':') + 1); }

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
    const bool is_modbus_tcp = scheme == "tcp";
    const auto at =
        colon == std::string_view::npos ? std::string() : host_and_port(text.substr(colon + 1), is_modbus_tcp);
    if (!at.empty()) return LinkAddress{is_modbus_tcp ? LinkAddress::Kind::tcp : LinkAddress::Kind::rtu_tcp, at};
    const std::string form = std::string(scheme) + ":";
    return fail("link " + written + " needs the gateway's host and port, such as " + form +
                (is_modbus_tcp ? "192.168.1.20:502" : "192.168.1.20:8899") +
                "; an IPv6 address is written in brackets, " + form + "[fd00::20]:" + (is_modbus_tcp ? "502" : "8899"));
  }
  if (colon == std::string_view::npos || (scheme != "serial" && scheme != "capture")) {
    return fail("link " + written +
                " is not a link; write serial:/dev/serial/by-id/..., ble:AA:BB:CC:DD:EE:FF, tcp:HOST:PORT, "
                "rtu+tcp:HOST:PORT or capture:FILE");
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
  if (!protocol) return "";
  const std::string id = "protocol \"" + std::string(protocol->id) + "\"";
  const bool is_wired = link.kind == LinkAddress::Kind::serial || link.is_tcp();
  if (!is_wired || protocol->default_baud != 0) {
    if (link.kind != LinkAddress::Kind::tcp || protocol->modbus) return "";
    return id +
           " is not Modbus, and a tcp: gateway passes on nothing else; if yours has a transparent (raw) mode, set "
           "it to that and write link = \"rtu+tcp:HOST:PORT\"";
  }
  std::string why = id + " is not spoken on serial ports but over Bluetooth; write link = \"ble:AA:BB:CC:DD:EE:FF\"";
  for (const Protocol& other : catalog()) {
    const bool is_carried = link.kind == LinkAddress::Kind::tcp ? other.modbus : other.default_baud != 0;
    if (other.brand == protocol->brand && is_carried) why += ", or protocol = \"" + std::string(other.id) + "\"";
  }
  return why;
}

}  // namespace cellwarden
